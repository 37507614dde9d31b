#ifndef SPOOR_ETHEREUM_RLP_H_
#define SPOOR_ETHEREUM_RLP_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "spoor/base/bytes.h"
#include "spoor/chain/amount.h"

namespace spoor::ethereum {

// Takes a recursive-length-prefix string apart from the front (yellow paper, appendix B). There is
// one form for every value: any other is DATA_LOSS, naming the offset, as is what is cut short.
// Nothing is copied; what comes back points into the input.
class RlpReader {
 public:
  // `base` is where the input begins in something larger, for messages.
  explicit RlpReader(ByteSpan input, size_t base = 0) : input_(input), base_(base) {}

  bool empty() const { return at_ == input_.size(); }
  size_t offset() const { return base_ + at_; }
  // Whether the next item is a list. Requires that there is one.
  bool AtList() const { return input_[at_] >= 0xc0; }
  // The input from `begin`, an offset() of before, to here.
  ByteSpan Since(size_t begin) const { return input_.subspan(begin - base_, offset() - begin); }

  absl::StatusOr<ByteSpan> ReadBytes();
  absl::StatusOr<ByteSpan> ReadBytes(size_t size);  // just so many
  // A whole number: no leading zeros.
  absl::StatusOr<uint64_t> ReadNumber();
  absl::StatusOr<Units> ReadUnits();
  absl::StatusOr<RlpReader> ReadList();
  // Passes over an item, whatever it is and holds.
  absl::Status Skip();
  // DATA_LOSS if anything is left.
  absl::Status ExpectEnd() const;

 private:
  struct Item {
    bool list = false;
    size_t begin = 0;  // of what it holds
    size_t size = 0;
  };
  absl::StatusOr<Item> Next();
  absl::Status Bad(size_t at, absl::string_view what) const;

  ByteSpan input_;
  size_t base_;
  size_t at_ = 0;
};

// Appenders, the inverse.
void AppendRlpBytes(ByteSpan bytes, Bytes* out);
void AppendRlpNumber(const Units& number, Bytes* out);
// A list of items that are encoded already.
void AppendRlpList(ByteSpan items, Bytes* out);

}  // namespace spoor::ethereum

#endif  // SPOOR_ETHEREUM_RLP_H_
