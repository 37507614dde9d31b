#include "spoor/entity/label.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "lib/entity/tag_rows.h"
#include "spoor/base/status_macros.h"
#include "spoor/base/varint.h"

namespace spoor {
namespace {

// Whether it tells what kind of party it is.
bool Tells(Category category) {
  return category != Category::kUnknown && category != Category::kSanctioned;
}

// What says least comes last. That somebody is a person says less than that a state has listed
// them.
int Vagueness(Category category) {
  switch (category) {
    case Category::kUnknown:
      return 3;
    case Category::kUser:
      return 2;
    case Category::kSanctioned:
      return 1;
    default:
      return 0;
  }
}

// The stronger claim has the smaller rank.
auto RankOf(const Label::Claim& claim) {
  return std::tuple(Vagueness(claim.category), -claim.confidence, !claim.names_actor,
                    ~claim.date.value_or(std::numeric_limits<int64_t>::min()), claim.category,
                    absl::string_view(claim.actor));
}

std::string Squeeze(absl::string_view name) {
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<uint8_t>(c);
    if (absl::ascii_isalnum(byte) || byte >= 0x80) out.push_back(absl::ascii_tolower(byte));
  }
  return out;
}

}  // namespace

void Label::AddClaim(Claim claim) {
  const auto same = std::find_if(claims_.begin(), claims_.end(), [&](const Claim& other) {
    return other.category == claim.category && other.actor == claim.actor &&
           other.names_actor == claim.names_actor;
  });
  if (same != claims_.end()) {
    if (RankOf(*same) <= RankOf(claim)) return;
    claims_.erase(same);
  }
  claims_.insert(
      std::upper_bound(claims_.begin(), claims_.end(), claim,
                       [](const Claim& a, const Claim& b) { return RankOf(a) < RankOf(b); }),
      std::move(claim));
  if (claims_.size() > kMostClaims) claims_.pop_back();
}

void Label::Add(const Tag& tag) {
  ++tags_;
  AddClaim({tag.category, tag.actor.empty() ? tag.label : tag.actor, !tag.actor.empty(),
            tag.confidence, tag.date});
}

void Label::Add(const Label& other) {
  tags_ += other.tags_;
  for (const Claim& claim : other.claims_) AddClaim(claim);
}

Category Label::category() const {
  return claims_.empty() ? Category::kUnknown : claims_.front().category;
}

bool Label::sanctioned() const {
  return std::any_of(claims_.begin(), claims_.end(),
                     [](const Claim& claim) { return claim.category == Category::kSanctioned; });
}

int Label::confidence() const { return claims_.empty() ? 0 : claims_.front().confidence; }

absl::string_view Label::actor() const {
  if (claims_.empty()) return "";
  for (const Claim& claim : claims_) {
    if (claim.names_actor && claim.category == category()) return claim.actor;
  }
  for (const Claim& claim : claims_) {
    if (claim.names_actor && !Tells(claim.category)) return claim.actor;
  }
  return claims_.front().actor;
}

std::string Label::named_actor() const {
  const absl::string_view who = actor();
  const bool named = std::any_of(claims_.begin(), claims_.end(), [&](const Claim& claim) {
    return claim.names_actor && claim.actor == who;
  });
  return named ? Squeeze(who) : "";
}

std::vector<Label::Claim> Label::Conflicts() const {
  std::vector<Claim> conflicts;
  const std::string who = named_actor();
  for (const Claim& claim : claims_) {
    const bool other_kind = Tells(claim.category) && claim.category != category();
    const bool other_actor = !who.empty() && claim.names_actor && Squeeze(claim.actor) != who;
    if (other_kind || other_actor) conflicts.push_back(claim);
  }
  return conflicts;
}

std::string Label::Encode() const {
  std::string row;
  AppendVarint(tags_, &row);
  for (const Claim& claim : claims_) {
    row.push_back(static_cast<char>(claim.category));
    row.push_back(static_cast<char>(claim.confidence));
    row.push_back(
        static_cast<char>((claim.date.has_value() ? 1 : 0) + (claim.names_actor ? 2 : 0)));
    if (claim.date.has_value()) tag_rows::AppendDate(*claim.date, &row);
    tag_rows::AppendText(claim.actor, &row);
  }
  return row;
}

absl::StatusOr<Label> Label::Decode(absl::string_view row) {
  const absl::Status damaged =
      absl::DataLossError("table tags: a row of a label is cut short or odd");
  Label label;
  if (!ConsumeVarint(&row, &label.tags_)) return damaged;
  while (!row.empty()) {
    if (row.size() < 3 || static_cast<uint8_t>(row[0]) >= kCategories ||
        static_cast<uint8_t>(row[1]) > 100 || static_cast<uint8_t>(row[2]) > 3 ||
        label.claims_.size() == kMostClaims) {
      return damaged;
    }
    Claim claim;
    claim.category = static_cast<Category>(row[0]);
    claim.confidence = row[1];
    const int flags = row[2];
    claim.names_actor = (flags & 2) != 0;
    row.remove_prefix(3);
    int64_t date = 0;
    if ((flags & 1) != 0) {
      if (!tag_rows::ConsumeDate(&row, &date)) return damaged;
      claim.date = date;
    }
    if (!tag_rows::ConsumeText(&row, &claim.actor)) return damaged;
    label.claims_.push_back(std::move(claim));
  }
  return label;
}

}  // namespace spoor
