#include "tests/support/dump_ledger.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "spoor/base/bytes.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

std::string OwnerText(AddressId id) {
  return id.IsNobody() ? std::string("nobody") : absl::StrCat("a", id.number);
}

std::string HoldingText(const Holding& h) { return absl::StrCat(h.major, ":", h.minor); }

std::string PositionsText(const std::vector<Position>& positions) {
  return absl::StrJoin(positions, " ",
                       [](std::string* out, Position p) { absl::StrAppend(out, p.number); });
}

std::string BlockText(const BlockInfo& b) {
  const LedgerTotals& t = b.totals;
  return absl::StrCat("block ", b.height, " ", ToText(b.hash), " after ", ToText(b.previous),
                      " at ", b.time, " bits ", b.bits, " ordered ", b.order_time, " from ",
                      b.first.number, " totals ",
                      absl::StrJoin({t.blocks, t.transactions, t.movements, t.inputs, t.outputs,
                                     t.addresses, t.transfers, t.unresolved_inputs},
                                    " "));
}

}  // namespace

std::string DumpMovement(const Movement& m) {
  std::string text = absl::StrCat("movement ", m.position.number, " ", ToText(m.txid), " height ",
                                  m.height, m.coinbase ? " coinbase" : "", " asset ", m.asset,
                                  " minted ", ToDecimal(m.minted));
  for (const Give& give : m.gives) {
    absl::StrAppend(&text, "; give ", static_cast<int>(give.kind), " ", HoldingText(give.holding),
                    " of ", OwnerText(give.owner), " ", ToDecimal(give.amount));
  }
  for (const Take& take : m.takes) {
    absl::StrAppend(&text, "; take ", static_cast<int>(take.kind), " ",
                    take.kind == TakerKind::kFee ? std::string("fee") : HoldingText(take.holding),
                    " by ", OwnerText(take.owner), " ", ToDecimal(take.amount), " before ",
                    ToDecimal(take.before), " next ",
                    take.next.has_value() ? absl::StrCat(take.next->number) : std::string("none"));
  }
  return text;
}

absl::StatusOr<std::string> DumpLedger(const LedgerView& view) {
  const ChainInfo& chain = view.chain();
  std::string dump = absl::StrCat("chain ", chain.name, " ", static_cast<int>(chain.family), " ",
                                  chain.network, " ", chain.symbol, " ", chain.decimals, "\n");
  const auto line = [&](const auto&... parts) { absl::StrAppend(&dump, parts..., "\n"); };

  const std::optional<BlockInfo> tip = view.tip();
  if (!tip.has_value()) {
    line("no tip; block 0: ", absl::StatusCodeToString(view.BlockAt(0).status().code()));
  } else {
    line("tip ", BlockText(*tip));
    const auto blocks = static_cast<uint32_t>(tip->totals.blocks);
    for (uint32_t height = tip->height + 1 - blocks; height <= tip->height; ++height) {
      SPOOR_ASSIGN_OR_RETURN(const BlockInfo block, view.BlockAt(height));
      line(BlockText(block));
    }
    line("above: ", absl::StatusCodeToString(view.BlockAt(tip->height + 1).status().code()));
    line("far above: ", absl::StatusCodeToString(view.BlockAt(~uint32_t{0}).status().code()));
    if (const uint32_t first = tip->height + 1 - blocks; first > 0) {
      line("below: ", absl::StatusCodeToString(view.BlockAt(first - 1).status().code()));
    }
  }
  const LedgerTotals totals = tip.has_value() ? tip->totals : LedgerTotals();

  // Backwards, and the last one twice: the order of a request is the order of its answer.
  std::vector<Position> positions;
  for (uint64_t n = totals.movements; n-- > 0;) positions.push_back(Position{n});
  if (!positions.empty()) positions.push_back(positions.front());
  std::vector<Movement> movements(3);
  SPOOR_RETURN_IF_ERROR(view.ReadMovements(positions, &movements));
  for (const Movement& m : movements) line(DumpMovement(m));
  positions.push_back(Position{totals.movements});
  std::vector<Movement> unused;
  line("past the tip: ", absl::StatusCodeToString(view.ReadMovements(positions, &unused).code()));

  for (const uint64_t from : {uint64_t{0}, totals.movements / 2, totals.movements}) {
    std::vector<std::string> scanned;
    SPOOR_RETURN_IF_ERROR(view.ScanMovements(Position{from}, [&](const Movement& m) {
      scanned.push_back(DumpMovement(m));
      return absl::OkStatus();
    }));
    line("scan from ", from, "\n", absl::StrJoin(scanned, "\n"));
  }
  for (const Movement& m : movements) {
    SPOOR_ASSIGN_OR_RETURN(const std::vector<Position> found, view.FindTransaction(m.txid));
    line("transaction ", ToText(m.txid), ": ", PositionsText(found));
  }
  SPOOR_ASSIGN_OR_RETURN(const std::vector<Position> none, view.FindTransaction(Txid()));
  line("no transaction: ", PositionsText(none));

  for (uint64_t n = 0; n < totals.addresses; ++n) {
    SPOOR_ASSIGN_OR_RETURN(const std::string key, view.ReadAddress(AddressId{n}));
    SPOOR_ASSIGN_OR_RETURN(const std::optional<AddressId> id, view.FindAddress(key));
    SPOOR_ASSIGN_OR_RETURN(const std::vector<Position> receipts, view.Receipts(AddressId{n}));
    line("address ", n, " ", ToHex(AsBytes(key)), " is ",
         id.has_value() ? OwnerText(*id) : std::string("not found"), "; receipts ",
         PositionsText(receipts));
  }
  for (const uint64_t n : {totals.addresses, uint64_t{1} << 40, AddressId::kNobody}) {
    SPOOR_ASSIGN_OR_RETURN(const std::vector<Position> receipts, view.Receipts(AddressId{n}));
    line("no address: ", absl::StatusCodeToString(view.ReadAddress(AddressId{n}).status().code()),
         " ", PositionsText(receipts));
  }
  SPOOR_ASSIGN_OR_RETURN(const std::optional<AddressId> absent, view.FindAddress("no such key"));
  line("no key: ", absent.has_value() ? OwnerText(*absent) : std::string("not found"));
  return dump;
}

}  // namespace spoor
