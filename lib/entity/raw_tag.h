#ifndef SPOOR_LIB_ENTITY_RAW_TAG_H_
#define SPOOR_LIB_ENTITY_RAW_TAG_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "spoor/entity/tag.h"

namespace spoor {

// An entry's fields as a list has them; empty where it says nothing.
struct RawTag {
  std::string address;
  std::string currency;
  std::string label;
  std::string actor;
  std::string category;
  std::string abuse;
  std::string source;
  std::string confidence;
  std::string date;
};

// What the entry means. INVALID_ARGUMENT, with one of few reasons, if it cannot be taken: every
// reader's entries go through here, so that none lets through what another would refuse.
absl::StatusOr<Tag> MeaningOf(const RawTag& raw);

// Gives the entry, or why it cannot be taken, to `sink`.
absl::Status Deliver(const RawTag& raw, uint64_t line, TagSink* sink);

// A date, or date and time, in ISO 8601 with T or a space between, or seconds since 1970.
// INVALID_ARGUMENT.
absl::StatusOr<int64_t> TagDate(absl::string_view text);

bool IsUtf8(absl::string_view text);

}  // namespace spoor

#endif  // SPOOR_LIB_ENTITY_RAW_TAG_H_
