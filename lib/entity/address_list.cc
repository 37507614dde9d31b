#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/entity/raw_tag.h"
#include "lib/entity/tag_readers.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

// "XBT" of "sanctioned_addresses_XBT.txt": capitals and digits between the last "_" and the suffix.
absl::string_view CurrencyOfName(absl::string_view name) {
  name = name.substr(0, name.find('.'));
  const size_t at = name.rfind('_');
  if (at == absl::string_view::npos) return "";
  const absl::string_view word = name.substr(at + 1);
  if (word.size() < 2 || word.size() > 6) return "";
  for (const char c : word) {
    if (!absl::ascii_isupper(static_cast<uint8_t>(c)) &&
        !absl::ascii_isdigit(static_cast<uint8_t>(c)))
      return "";
  }
  return word;
}

}  // namespace

absl::Status ReadAddressList(absl::string_view name, absl::string_view text, TagSink* sink) {
  RawTag raw;
  raw.currency = std::string(CurrencyOfName(name));
  raw.label = "on OFAC's list";
  raw.category = "sanctioned";
  raw.source = absl::StrCat("OFAC, by the address list ", name);
  raw.confidence = "authority_data";
  absl::ConsumePrefix(&text, "\xef\xbb\xbf");
  uint64_t number = 0;
  const char* const begin = text.data();
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    if (number % 4096 == 0) sink->Progress(static_cast<uint64_t>(line.data() - begin));
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line[0] == '#') continue;
    raw.address = std::string(line);
    SPOOR_RETURN_IF_ERROR(Deliver(raw, number, sink));
  }
  return absl::OkStatus();
}

}  // namespace spoor
