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

std::string PositionText(const std::optional<Position>& p) {
  return p.has_value() ? absl::StrCat(p->number) : std::string("none");
}

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
                                     t.addresses, t.transfers, t.unresolved_inputs, t.assets},
                                    " "));
}

std::string DumpRevealed(AddressId id, const RevealedScript& revealed) {
  return absl::StrCat(OwnerText(id), " revealed ", ToHex(AsBytes(revealed.bytes)), " at ",
                      revealed.first.number);
}

}  // namespace

std::string DumpMovement(const Movement& m) {
  std::string text =
      absl::StrCat("movement ", m.position.number, " ", ToText(m.txid), " height ", m.height,
                   m.coinbase ? " coinbase" : "", " wallet ", m.fingerprint.Code(), " kind ",
                   static_cast<int>(m.kind), " index ", m.index, " asset ", m.asset, " minted ",
                   ToDecimal(m.minted));
  for (const Give& give : m.gives) {
    absl::StrAppend(&text, "; give ", static_cast<int>(give.kind), " ", HoldingText(give.holding),
                    " of ", OwnerText(give.owner), " ", ToDecimal(give.amount), " opening ",
                    ToDecimal(give.opening), " previous ", PositionText(give.previous));
  }
  for (const Take& take : m.takes) {
    absl::StrAppend(&text, "; take ", static_cast<int>(take.kind), " ",
                    take.kind == TakerKind::kFee ? std::string("fee") : HoldingText(take.holding),
                    " by ", OwnerText(take.owner), " ", ToDecimal(take.amount), " before ",
                    ToDecimal(take.before), " opening ", ToDecimal(take.opening), " previous ",
                    PositionText(take.previous), " next ", PositionText(take.next));
  }
  return text;
}

std::string DumpBalance(const BalanceInfo& b) {
  return absl::StrCat("balance ", HoldingText(b.holding), " ", ToDecimal(b.amount), " opening ",
                      ToDecimal(b.opening), " received ", b.received.str(), " movements ",
                      b.movements, " last ", b.last.number);
}

std::string DumpAsset(const AssetInfo& a) {
  return absl::StrCat(ToHex(AsBytes(a.key)), " ", a.symbol, " ", a.decimals,
                      a.whole ? " whole" : "", a.lying ? " lying" : "", " openings ", a.openings);
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
    if (chain.family == Family::kAccount) {
      // Heights may be left out.
      uint32_t height = tip->height;
      for (uint32_t found = 0; found < blocks; --height) {
        const absl::StatusOr<BlockInfo> block = view.BlockAt(height);
        if (!absl::IsNotFound(block.status())) SPOOR_RETURN_IF_ERROR(block.status());
        line(block.ok() ? BlockText(*block) : absl::StrCat("no block ", height));
        found += block.ok() ? 1 : 0;
        if (height == 0 && found < blocks) return absl::DataLossError("too few blocks");
      }
    }
    for (uint32_t height = tip->height + 1 - blocks;
         chain.family == Family::kUtxo && height <= tip->height; ++height) {
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
  // Upwards, some that follow each other and some that do not.
  std::vector<Position> ascending;
  for (uint64_t n = 0; n < totals.movements; n += 1 + n % 7 / 4 * 20) ascending.push_back({n});
  std::vector<Movement> some;
  SPOOR_RETURN_IF_ERROR(view.ReadMovements(ascending, &some));
  for (const Movement& m : some) line("ascending ", DumpMovement(m));
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
    SPOOR_ASSIGN_OR_RETURN(const std::string text, view.FindTransactionText(m.txid));
    line("transaction ", ToText(m.txid), " ", text, ": ", PositionsText(found));
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
    SPOOR_ASSIGN_OR_RETURN(const auto revealed, view.ReadRevealed(AddressId{n}));
    if (revealed.has_value()) line(DumpRevealed(AddressId{n}, *revealed));
    SPOOR_RETURN_IF_ERROR(
        view.ScanBalances(AddressId{n}, [&](const BalanceInfo& balance) -> absl::Status {
          SPOOR_ASSIGN_OR_RETURN(const auto again, view.ReadBalance(balance.holding));
          if (!again.has_value()) return absl::DataLossError("a balance cannot be found");
          line(DumpBalance(balance), again->amount == balance.amount ? "" : ", and another amount");
          return absl::OkStatus();
        }));
  }
  for (const uint64_t from : {uint64_t{0}, totals.addresses / 2, totals.addresses}) {
    line("revealed from address ", from);
    SPOOR_RETURN_IF_ERROR(
        view.ScanRevealed(AddressId{from}, [&](AddressId id, const RevealedScript& revealed) {
          line(DumpRevealed(id, revealed));
          return absl::OkStatus();
        }));
  }
  for (const uint64_t n : {totals.addresses, uint64_t{1} << 40, AddressId::kNobody}) {
    SPOOR_ASSIGN_OR_RETURN(const auto revealed, view.ReadRevealed(AddressId{n}));
    if (revealed.has_value()) line(DumpRevealed(AddressId{n}, *revealed));
    SPOOR_ASSIGN_OR_RETURN(const std::vector<Position> receipts, view.Receipts(AddressId{n}));
    line("no address: ", absl::StatusCodeToString(view.ReadAddress(AddressId{n}).status().code()),
         " ", PositionsText(receipts));
  }
  SPOOR_ASSIGN_OR_RETURN(const std::optional<AddressId> absent, view.FindAddress("no such key"));
  line("no key: ", absent.has_value() ? OwnerText(*absent) : std::string("not found"));

  for (AssetId n = 0; n <= totals.assets; ++n) {
    SPOOR_ASSIGN_OR_RETURN(const AssetInfo asset, view.ReadAsset(n));
    SPOOR_ASSIGN_OR_RETURN(const std::optional<AssetId> id, view.FindAsset(asset.key));
    line("asset ", n, " ", DumpAsset(asset), " is ",
         id.has_value() ? absl::StrCat(*id) : std::string("not found"));
  }
  line("no asset: ", absl::StatusCodeToString(
                         view.ReadAsset(static_cast<AssetId>(totals.assets + 1)).status().code()));
  SPOOR_ASSIGN_OR_RETURN(const std::optional<AssetId> no_asset, view.FindAsset("no such key"));
  SPOOR_ASSIGN_OR_RETURN(const auto no_balance,
                         view.ReadBalance(Holding::Balance(AddressId{totals.addresses}, 0)));
  line("no asset by key, no balance: ", no_asset.has_value(), no_balance.has_value());
  return dump;
}

}  // namespace spoor
