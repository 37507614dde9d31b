#ifndef SPOOR_ENTITY_TAG_H_
#define SPOOR_ENTITY_TAG_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "spoor/entity/category.h"
#include "spoor/ledger/model.h"

namespace spoor {

// Somebody's sourced claim about an address.
struct Tag {
  // What the address is kept under: TagKey().
  std::string key;
  std::string address;   // as the list writes it
  std::string currency;  // in capitals, BTC for XBT; empty if the list does not say
  std::string label;     // never empty
  std::string actor;     // the list's own name of a real party; may be empty
  Category category = Category::kUnknown;
  std::string category_text;  // what the list calls it
  std::string abuse;          // what the list says was done there, in its own words
  std::string source;         // where the claim was made, as a rule a URL
  int confidence = 0;         // 0 to 100: ConfidenceFromText()
  std::string confidence_text;
  std::optional<int64_t> date;  // when it was last confirmed, seconds since 1970-01-01 UTC

  friend bool operator==(const Tag&, const Tag&) = default;
};

// Longest text of a field, in bytes.
inline constexpr size_t kLongestTagField = 1000;

// How far a claim is to be believed, 0 to 100. `text` is one of GraphSense's ids, whose levels
// these are (graphsense-tagpack-tool, src/tagpack/db/confidence.csv):
//   override, ownership 100; manual_transaction 90; service_api 70; authority_data 60;
//   trusted_provider, service_data, forensic 50; untrusted_transaction 40; web_crawl 20;
//   heuristic 10; unknown 5
// or a whole number up to 100, or a decimal fraction up to 1.0. What is neither, or nothing, counts
// as unknown. OUT_OF_RANGE for a number that is larger or negative.
absl::StatusOr<int> ConfidenceFromText(absl::string_view text);

// What tags of an address are kept under: a realm in which the text means one holder, ":", and the
// address as its chains write it. Realms are "btc" and "ltc", each with its test networks; "evm",
// in which one key has the same address on every chain; else the currency. INVALID_ARGUMENT, with
// one of few reasons, if `address` is none of `currency`, which may be empty.
absl::StatusOr<std::string> TagKey(absl::string_view address, absl::string_view currency);
// The same of an address that a chain has written itself (NameOwner()).
std::string TagKeyOnChain(const ChainInfo& chain, absl::string_view address);

// An entry of a list that was not taken.
struct TagRefusal {
  uint64_t line = 0;   // on which it begins, from 1
  std::string entry;   // its address, or what stands there
  std::string reason;  // one of few, so that they can be counted
};

// Takes what a reader of lists finds.
class TagSink {
 public:
  virtual ~TagSink() = default;
  // Stops the reader unless OK.
  virtual absl::Status Add(Tag tag, uint64_t line) = 0;
  virtual absl::Status Refuse(TagRefusal refusal) = 0;
  // How many bytes of the file have been read.
  virtual void Progress(uint64_t /*done*/) {}
};

}  // namespace spoor

#endif  // SPOOR_ENTITY_TAG_H_
