#include "lib/entity/raw_tag.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

// Whether UTF-8 has what would command a terminal, or turn its text around: C0, DEL, C1, separators
// of lines, and marks and overrides of direction.
bool HasControls(absl::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = [&](size_t at) {
      return at < text.size() ? static_cast<uint8_t>(text[at]) : 0;
    };
    if (absl::ascii_iscntrl(byte(i))) return true;
    if (byte(i) == 0xc2 && byte(i + 1) < 0xa0) return true;
    if (byte(i) != 0xe2) continue;
    const int last = byte(i + 2);
    if (byte(i + 1) == 0x80 && ((last >= 0x8e && last <= 0x8f) || (last >= 0xa8 && last <= 0xae))) {
      return true;
    }
    if (byte(i + 1) == 0x81 && last >= 0xa6 && last <= 0xa9) return true;
  }
  return false;
}

// `text` in one line, as a table can show it.
absl::StatusOr<std::string> Clean(absl::string_view field, absl::string_view text) {
  std::string clean(absl::StripAsciiWhitespace(text));
  if (clean.size() > kLongestTagField) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, " is longer than ", kLongestTagField, " bytes"));
  }
  if (!IsUtf8(clean)) return absl::InvalidArgumentError(absl::StrCat(field, " is not UTF-8"));
  for (char& c : clean) {
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  }
  if (HasControls(clean)) {
    return absl::InvalidArgumentError(absl::StrCat(field, " has control characters in it"));
  }
  return clean;
}

// The kind of party that a list's category and its word for an abuse make together. What was taken
// from an exchange is not the exchange's; but an exchange that a state has listed is one still.
Category Combine(Category category, absl::string_view abuse) {
  if (abuse.empty()) return category;
  const Category abused = CategoryFromText(abuse);
  if (abused == Category::kThief) return abused;
  const bool says_little =
      category == Category::kUnknown || category == Category::kUser || category == Category::kOther;
  if (!says_little) return category;
  return abused == Category::kSanctioned ? abused : Category::kOther;
}

}  // namespace

bool IsUtf8(absl::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<uint8_t>(text[i]);
    size_t more = 0;
    uint32_t point = lead;
    uint32_t least = 0;
    if (lead >= 0xf0 && lead < 0xf8) {
      more = 3, point = lead & 7u, least = 0x10000;
    } else if (lead >= 0xe0) {
      more = 2, point = lead & 15u, least = 0x800;
    } else if (lead >= 0xc0) {
      more = 1, point = lead & 31u, least = 0x80;
    }
    if (lead >= 0xf8 || (lead >= 0x80 && lead < 0xc0) || text.size() - i <= more) return false;
    for (size_t j = 1; j <= more; ++j) {
      const auto next = static_cast<uint8_t>(text[i + j]);
      if ((next & 0xc0) != 0x80) return false;
      point = point << 6 | (next & 0x3fu);
    }
    if (point < least || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return false;
    i += more + 1;
  }
  return true;
}

absl::StatusOr<int> ConfidenceFromText(absl::string_view text) {
  constexpr int kUnknown = 5;
  constexpr std::array<std::pair<absl::string_view, int>, 13> kLevels = {{
      {"override", 100},
      {"ownership", 100},
      {"manual_transaction", 90},
      {"service_api", 70},
      {"forensic_investigation", 70},
      {"authority_data", 60},
      {"trusted_provider", 50},
      {"service_data", 50},
      {"forensic", 50},
      {"untrusted_transaction", 40},
      {"web_crawl", 20},
      {"heuristic", 10},
      {"unknown", kUnknown},
  }};
  for (const auto& [id, level] : kLevels) {
    if (text == id) return level;
  }
  double number = 0;
  if (text.empty() || text.find_first_not_of("0123456789.-+") != absl::string_view::npos ||
      !absl::SimpleAtod(text, &number)) {
    return kUnknown;
  }
  if (text.find('.') != absl::string_view::npos) number *= 100;
  if (!(number >= 0 && number <= 100)) {
    return absl::OutOfRangeError("the confidence is not between 0 and 100, nor 0.0 and 1.0");
  }
  return static_cast<int>(number + 0.5);
}

absl::StatusOr<int64_t> TagDate(absl::string_view text) {
  absl::Time time;
  std::string error;
  for (const char* format : {"%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d%ET%H:%M:%S",
                             "%Y-%m-%d%ET%H:%M:%E*S%Ez", "%Y-%m-%d %H:%M:%E*S%Ez"}) {
    // Years that a 64-bit count of nanoseconds would not hold are no dates of tags.
    if (absl::ParseTime(format, text, &time, &error) && absl::ToUnixSeconds(time) > -62135596801 &&
        absl::ToUnixSeconds(time) < 253402300800) {
      return absl::ToUnixSeconds(time);
    }
  }
  uint32_t seconds = 0;
  if (absl::SimpleAtoi(text, &seconds)) return int64_t{seconds};
  return absl::InvalidArgumentError("the date is none");
}

absl::StatusOr<Tag> MeaningOf(const RawTag& raw) {
  Tag tag;
  tag.address = std::string(absl::StripAsciiWhitespace(raw.address));
  SPOOR_ASSIGN_OR_RETURN(tag.currency, Clean("the currency", raw.currency));
  tag.currency = absl::AsciiStrToUpper(tag.currency);
  if (tag.currency == "XBT") tag.currency = "BTC";
  SPOOR_ASSIGN_OR_RETURN(tag.key, TagKey(tag.address, tag.currency));
  SPOOR_ASSIGN_OR_RETURN(tag.label, Clean("the label", raw.label));
  if (tag.label.empty()) return absl::InvalidArgumentError("no label");
  SPOOR_ASSIGN_OR_RETURN(tag.actor, Clean("the actor", raw.actor));
  SPOOR_ASSIGN_OR_RETURN(tag.category_text, Clean("the category", raw.category));
  SPOOR_ASSIGN_OR_RETURN(tag.abuse, Clean("the abuse", raw.abuse));
  SPOOR_ASSIGN_OR_RETURN(tag.source, Clean("the source", raw.source));
  SPOOR_ASSIGN_OR_RETURN(tag.confidence_text, Clean("the confidence", raw.confidence));
  tag.category = Combine(CategoryFromText(tag.category_text), tag.abuse);
  SPOOR_ASSIGN_OR_RETURN(tag.confidence, ConfidenceFromText(tag.confidence_text));
  const absl::string_view date = absl::StripAsciiWhitespace(raw.date);
  if (!date.empty()) {
    SPOOR_ASSIGN_OR_RETURN(tag.date, TagDate(date));
  }
  return tag;
}

absl::Status Deliver(const RawTag& raw, uint64_t line, TagSink* sink) {
  absl::StatusOr<Tag> tag = MeaningOf(raw);
  if (tag.ok()) return sink->Add(*std::move(tag), line);
  constexpr size_t kShown = 100;
  std::string entry = raw.address.empty() ? raw.label : raw.address;
  if (entry.size() > kShown) entry = entry.substr(0, kShown) + "...";
  return sink->Refuse({line, std::move(entry), std::string(tag.status().message())});
}

}  // namespace spoor
