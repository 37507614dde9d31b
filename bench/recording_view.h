#ifndef SPOOR_BENCH_RECORDING_VIEW_H_
#define SPOOR_BENCH_RECORDING_VIEW_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "spoor/ledger/ledger_view.h"

namespace spoor {

// Passes all questions on, and keeps the requests for movements, so that they can be made once more
// with nothing done about the answers. For one thread.
class RecordingView : public LedgerView {
 public:
  explicit RecordingView(const LedgerView& view) : view_(view) {}

  const ChainInfo& chain() const override { return view_.chain(); }
  std::optional<BlockInfo> tip() const override { return view_.tip(); }
  absl::StatusOr<BlockInfo> BlockAt(uint32_t height) const override {
    return view_.BlockAt(height);
  }
  absl::Status ReadMovements(absl::Span<const Position> positions,
                             std::vector<Movement>* out) const override {
    requests.emplace_back(positions.begin(), positions.end());
    read += positions.size();
    return view_.ReadMovements(positions, out);
  }
  absl::Status ScanMovements(
      Position from, absl::FunctionRef<absl::Status(const Movement&)> visit) const override {
    return view_.ScanMovements(from, [&](const Movement& movement) {
      ++scanned;
      return visit(movement);
    });
  }
  absl::StatusOr<std::vector<Position>> FindTransaction(const Txid& txid) const override {
    return view_.FindTransaction(txid);
  }
  absl::StatusOr<std::optional<AddressId>> FindAddress(absl::string_view key) const override {
    return view_.FindAddress(key);
  }
  absl::StatusOr<std::string> ReadAddress(AddressId id) const override {
    return view_.ReadAddress(id);
  }
  absl::StatusOr<std::vector<Position>> Receipts(AddressId id) const override {
    return view_.Receipts(id);
  }
  absl::StatusOr<std::optional<AssetId>> FindAsset(absl::string_view key) const override {
    return view_.FindAsset(key);
  }
  absl::StatusOr<AssetInfo> ReadAsset(AssetId id) const override { return view_.ReadAsset(id); }
  absl::StatusOr<std::optional<BalanceInfo>> ReadBalance(const Holding& balance) const override {
    return view_.ReadBalance(balance);
  }
  absl::Status ScanBalances(
      AddressId id, absl::FunctionRef<absl::Status(const BalanceInfo&)> visit) const override {
    return view_.ScanBalances(id, visit);
  }

  mutable std::vector<std::vector<Position>> requests;
  mutable uint64_t read = 0;     // movements asked for
  mutable uint64_t scanned = 0;  // movements that scans came by

 private:
  const LedgerView& view_;
};

}  // namespace spoor

#endif  // SPOOR_BENCH_RECORDING_VIEW_H_
