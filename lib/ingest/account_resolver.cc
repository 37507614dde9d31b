#include "spoor/ingest/account_resolver.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "lib/ingest/recent_map.h"
#include "spoor/base/bytes.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/digest.h"
#include "spoor/ledger/names.h"

namespace spoor {
namespace {

// An address of Ethereum's kin, without the byte before it.
struct EvmAddress {
  std::array<char, 20> bytes{};

  friend bool operator==(const EvmAddress&, const EvmAddress&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const EvmAddress& v) {
    return H::combine_contiguous(std::move(h), v.bytes.data(), v.bytes.size());
  }
};

std::optional<EvmAddress> AsEvmAddress(absl::string_view key) {
  EvmAddress address;
  if (key.size() != 1 + address.bytes.size() || key[0] != 0) return std::nullopt;
  std::copy(key.begin() + 1, key.end(), address.bytes.begin());
  return address;
}

// The id in five bytes: there are many.
struct PackedId {
  explicit PackedId(AddressId id) {
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(id.number >> (8 * i));
  }
  AddressId Unpack() const {
    AddressId id{0};
    for (size_t i = 0; i < bytes.size(); ++i) id.number |= uint64_t{bytes[i]} << (8 * i);
    return id;
  }
  std::array<uint8_t, 5> bytes{};
};

absl::Status CheckTransfer(const AccountTransfer& t) {
  using Kind = AccountTransfer::Kind;
  for (const std::optional<std::string>* key : {&t.from, &t.to}) {
    if (key->has_value() && !AccountText(**key).ok()) {
      return absl::InvalidArgumentError("an account's key is none");
    }
  }
  if (!t.asset.empty() && !AccountText(t.asset).ok()) {
    return absl::InvalidArgumentError("an asset's key is none");
  }
  switch (t.kind) {
    case Kind::kFee:
      if (!t.from.has_value() || t.to.has_value()) {
        return absl::InvalidArgumentError("a fee of nobody, or to somebody");
      }
      if (t.burned > t.amount) {
        return absl::InvalidArgumentError(absl::StrCat(
            "a fee of ", ToDecimal(t.amount), ", of which ", ToDecimal(t.burned), " are burned"));
      }
      return absl::OkStatus();
    case Kind::kTransfer:
      if (!t.from.has_value() && !t.to.has_value()) {
        return absl::InvalidArgumentError("a transfer from nobody to nobody");
      }
      break;
    case Kind::kReward:
      if (t.from.has_value() || !t.to.has_value()) {
        return absl::InvalidArgumentError("a reward from somebody, or to nobody");
      }
      break;
  }
  if (t.burned != 0) return absl::InvalidArgumentError("a part burned of what is not a fee");
  return absl::OkStatus();
}

absl::Status CheckTransaction(const AccountTransaction& tx) {
  if (!tx.text.empty() && tx.txid != Txid::FromBytes(Keccak256(AsBytes(tx.text)))) {
    return absl::InvalidArgumentError(
        absl::StrCat("transaction \"", tx.text, "\": its id is not the Keccak-256 of that"));
  }
  for (const AccountTransfer& transfer : tx.transfers) {
    if (const absl::Status status = CheckTransfer(transfer); !status.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "transaction ", ToText(tx.txid, HashText::kPrefixed), ": ", status.message()));
    }
  }
  return absl::OkStatus();
}

}  // namespace

class AccountResolver::Impl {
 public:
  Impl(LedgerWriter* writer, uint64_t memory)
      : writer_(writer),
        memory_(memory),
        addresses_(memory / 2),
        most_others_(memory / 2 / kOtherBytes) {
    Begin();
  }

  absl::Status Append(const AccountBlock& block) {
    for (const AccountTransaction& tx : block.transactions) {
      SPOOR_RETURN_IF_ERROR(CheckTransaction(tx));
    }
    // Numbers of what has been undone since are given anew.
    if (writer_->tip() != tip_) Begin();
    SPOOR_RETURN_IF_ERROR(Trim());
    const auto tip = writer_->tip();
    totals_ = tip.has_value() ? tip->totals : LedgerTotals();
    NewBlock out;
    out.height = block.height;
    out.hash = block.hash;
    out.previous = block.previous;
    out.time = block.time;
    absl::Status status = Resolve(block, &out);
    if (status.ok()) status = writer_->Append(out);
    if (!status.ok()) Forget(out);
    tip_ = writer_->tip();
    return status;
  }

 private:
  // What an entry of the maps of longer keys takes, roughly.
  static constexpr uint64_t kOtherBytes = 160;

  void Begin() {
    tip_ = writer_->tip();
    began_empty_ = !tip_.has_value() || tip_->totals.addresses == 0;
    addresses_ = RecentMap<EvmAddress, PackedId>(memory_ / 2);
    names_.clear();
    assets_.clear();
    names_forgotten_ = false;
  }

  absl::Status Resolve(const AccountBlock& block, NewBlock* out) {
    seen_.clear();
    for (const AssetInfo& asset : block.assets_seen) seen_.emplace(asset.key, &asset);
    uint64_t position = totals_.movements;
    for (const AccountTransaction& tx : block.transactions) {
      // What the chain pays out is not a transaction that anybody made.
      if (!std::equal(tx.txid.span().begin(), tx.txid.span().end(), block.hash.span().begin())) {
        out->transactions += 1;
      }
      if (!tx.text.empty()) out->transaction_texts.push_back(tx.text);
      uint32_t index = 0;
      for (const AccountTransfer& transfer : tx.transfers) {
        Movement& movement = out->movements.emplace_back();
        movement.position = Position{position++};
        movement.txid = tx.txid;
        movement.height = block.height;
        SPOOR_RETURN_IF_ERROR(Fill(transfer, out, &movement));
        if (movement.kind != MovementKind::kFee) movement.index = index++;
        if (movement.kind == MovementKind::kTransfer) out->transfers += 1;
      }
    }
    return absl::OkStatus();
  }

  absl::Status Fill(const AccountTransfer& transfer, NewBlock* block, Movement* movement) {
    SPOOR_ASSIGN_OR_RETURN(movement->asset, NumberAsset(transfer.asset, block));
    if (transfer.from.has_value()) {
      Give& give = movement->gives.emplace_back();
      SPOOR_ASSIGN_OR_RETURN(give.owner, NumberAddress(*transfer.from, block));
      give.holding = Holding::Balance(give.owner, movement->asset);
    }
    const auto take = [&](TakerKind kind, const Units& amount) -> Take& {
      Take& t = movement->takes.emplace_back();
      t.kind = kind;
      t.amount = amount;
      return t;
    };
    if (transfer.kind == AccountTransfer::Kind::kFee) {
      movement->kind = MovementKind::kFee;
      if (transfer.burned != 0) take(TakerKind::kBurned, transfer.burned);
      take(TakerKind::kFee, transfer.amount - transfer.burned);
      return absl::OkStatus();
    }
    movement->kind = transfer.kind == AccountTransfer::Kind::kReward ? MovementKind::kReward
                                                                     : MovementKind::kTransfer;
    if (!transfer.to.has_value()) {
      take(TakerKind::kBurned, transfer.amount);
      return absl::OkStatus();
    }
    Take& receipt = take(TakerKind::kHolding, transfer.amount);
    SPOOR_ASSIGN_OR_RETURN(receipt.owner, NumberAddress(*transfer.to, block));
    receipt.holding = Holding::Balance(receipt.owner, movement->asset);
    return absl::OkStatus();
  }

  absl::StatusOr<AddressId> NumberAddress(const std::string& key, NewBlock* block) {
    const std::optional<EvmAddress> evm = AsEvmAddress(key);
    if (evm.has_value()) {
      if (const PackedId* known = addresses_.Find(*evm)) return known->Unpack();
    } else if (const auto it = names_.find(key); it != names_.end()) {
      return it->second;
    }
    std::optional<AddressId> id;
    if (!began_empty_ || (evm.has_value() ? addresses_.has_forgotten() : names_forgotten_)) {
      SPOOR_ASSIGN_OR_RETURN(id, writer_->view().FindAddress(key));
    }
    if (!id.has_value()) {
      id = AddressId{totals_.addresses + block->new_addresses.size()};
      block->new_addresses.push_back(key);
    }
    if (evm.has_value()) {
      addresses_.Put(*evm, PackedId(*id));
    } else {
      names_.emplace(key, *id);
    }
    return *id;
  }

  absl::StatusOr<AssetId> NumberAsset(const std::string& key, NewBlock* block) {
    if (key.empty()) return kNativeAsset;
    if (const auto it = assets_.find(key); it != assets_.end()) return it->second;
    SPOOR_ASSIGN_OR_RETURN(std::optional<AssetId> id, writer_->view().FindAsset(key));
    if (!id.has_value()) {
      id = static_cast<AssetId>(totals_.assets + 1 + block->new_assets.size());
      AssetInfo& asset = block->new_assets.emplace_back();
      if (const auto seen = seen_.find(key); seen != seen_.end()) asset = *seen->second;
      asset.key = key;
    }
    assets_.emplace(key, *id);
    return *id;
  }

  // Makes room, if need be, by forgetting what the ledger can be asked for.
  absl::Status Trim() {
    if (!addresses_.Full() && names_.size() + assets_.size() < most_others_) {
      return absl::OkStatus();
    }
    // Until it is committed, nothing but these maps knows of a new address or asset.
    SPOOR_RETURN_IF_ERROR(writer_->Commit());
    if (addresses_.Full()) addresses_.Trim();
    if (names_.size() + assets_.size() >= most_others_) {
      names_.clear();
      assets_.clear();
      names_forgotten_ = true;
    }
    return absl::OkStatus();
  }

  // What was numbered for a block that was not taken.
  void Forget(const NewBlock& block) {
    for (const std::string& key : block.new_addresses) {
      if (const auto evm = AsEvmAddress(key)) {
        addresses_.Take(*evm);
      } else {
        names_.erase(key);
      }
    }
    for (const AssetInfo& asset : block.new_assets) assets_.erase(asset.key);
  }

  LedgerWriter* writer_;
  uint64_t memory_;
  std::optional<BlockInfo> tip_;  // after the last block appended here
  LedgerTotals totals_;           // before the block at hand
  bool began_empty_ = false;
  RecentMap<EvmAddress, PackedId> addresses_;
  absl::flat_hash_map<std::string, AddressId> names_;  // of accounts that are called otherwise
  absl::flat_hash_map<std::string, AssetId> assets_;
  uint64_t most_others_;
  bool names_forgotten_ = false;
  absl::flat_hash_map<absl::string_view, const AssetInfo*> seen_;  // of the block at hand
};

AccountResolver::AccountResolver(LedgerWriter* writer, uint64_t memory)
    : impl_(std::make_unique<Impl>(writer, memory)) {}

AccountResolver::~AccountResolver() = default;

absl::Status AccountResolver::Append(const AccountBlock& block) { return impl_->Append(block); }

}  // namespace spoor
