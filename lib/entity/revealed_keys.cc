#include "lib/entity/revealed_keys.h"

#include <algorithm>
#include <optional>
#include <set>

#include "lib/entity/key_table.h"
#include "lib/entity/shares.h"
#include "spoor/base/bytes.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/key.h"
#include "spoor/chain/revealed.h"
#include "spoor/ledger/names.h"

namespace spoor {
namespace {

// Reveals that are looked at, and addresses that are read, at once.
constexpr size_t kAtOnce = 1 << 13;
// So many of them are worth a thread.
constexpr size_t kLeastReveals = 64;
// Where so many times as many addresses are there as movements are new, what these reveal is asked
// for input by input; else all that was ever revealed is read through.
constexpr uint64_t kFew = 32;

constexpr char kRows = 'F';
constexpr size_t kMarkBytes = 8;

// The mark of an address that has one (KeyTable), but for P2PK, which names its key; empty if none.
std::string MarkOf(absl::string_view key) {
  const absl::string_view payload = key.substr(1);
  switch (static_cast<ScriptKind>(key[0])) {
    case ScriptKind::kP2pkh:
    case ScriptKind::kP2wpkh:
      return std::string(AsChars(NestedHash(AsBytes(payload))));
    case ScriptKind::kP2sh:
    case ScriptKind::kP2tr:
      return std::string(payload);
    default:
      return "";
  }
}

std::string RowPrefix(absl::string_view mark) {
  std::string prefix(1, kRows);
  prefix.append(mark.data(), kMarkBytes);
  return prefix;
}

std::string RowKey(absl::string_view mark, uint64_t id) {
  std::string key = RowPrefix(mark);
  for (int shift = 32; shift >= 0; shift -= 8) key.push_back(static_cast<char>(id >> shift));
  return key;
}

template <size_t kSize>
std::string KeyOf(ScriptKind kind, const std::array<uint8_t, kSize>& payload) {
  std::string key(1, static_cast<char>(kind));
  key.append(AsChars(payload).data(), kSize);
  return key;
}

// Addresses of a key, by the marks that the address that revealed it has not.
struct OtherAddresses {
  std::string mark;
  std::vector<std::string> keys;
};

// None if `revealed` is not the key of the address with that key, or no point of the curve.
std::vector<OtherAddresses> OtherAddressesOf(absl::string_view key, absl::string_view revealed) {
  const absl::StatusOr<ScriptId> script = ScriptFromAddressKey(key);
  if (!IsKeySized(AsBytes(revealed)) || !script.ok() || !IsRevealedBy(*script, AsBytes(revealed))) {
    return {};
  }
  const absl::StatusOr<PublicKey> point = PublicKey::Parse(AsBytes(revealed));
  if (!point.ok()) return {};
  std::vector<OtherAddresses> others;
  const auto add_encoding = [&](ByteSpan encoding) {
    if (AsChars(encoding) == revealed) return;
    const Digest160 hash = Hash160(encoding);
    const Digest160 nested = NestedHash(hash);
    others.push_back({std::string(AsChars(nested)),
                      {KeyOf(ScriptKind::kP2pkh, hash), KeyOf(ScriptKind::kP2wpkh, hash),
                       KeyOf(ScriptKind::kP2sh, nested)}});
  };
  add_encoding(point->Compressed());
  add_encoding(point->Uncompressed());
  const auto output_key = point->TaprootOutputKey();
  others.push_back({std::string(AsChars(output_key)), {KeyOf(ScriptKind::kP2tr, output_key)}});
  return others;
}

}  // namespace

absl::Status RevealedKeys::Start(const LedgerView& view, uint64_t movements, uint64_t addresses) {
  view_ = &view;
  pairs_.clear();
  waiting_.clear();
  next_ = 0;
  SPOOR_RETURN_IF_ERROR(FindReveals(movements, addresses));
  std::sort(pairs_.begin(), pairs_.end());
  return movements == 0 ? absl::OkStatus() : FindNewAddresses(movements, addresses);
}

absl::Status RevealedKeys::FindReveals(uint64_t movements, uint64_t addresses) {
  std::vector<Reveal> reveals;
  const auto take = [&](AddressId id, const RevealedScript& script) -> absl::Status {
    if (script.first.number < movements || !IsKeySized(AsBytes(script.bytes))) {
      return absl::OkStatus();
    }
    reveals.push_back({id, script});
    if (reveals.size() < kAtOnce) return absl::OkStatus();
    SPOOR_RETURN_IF_ERROR(Take(reveals));
    reveals.clear();
    return absl::OkStatus();
  };
  const std::optional<BlockInfo> tip = view_->tip();
  const uint64_t end = tip.has_value() ? tip->totals.movements : 0;
  if (movements == 0 || end - movements > addresses / kFew) {
    SPOOR_RETURN_IF_ERROR(view_->ScanRevealed(AddressId{0}, take));
  } else {
    std::set<uint64_t> givers;
    SPOOR_RETURN_IF_ERROR(view_->ScanMovements(Position{movements}, [&](const Movement& movement) {
      for (const Give& give : movement.gives) {
        if (!give.owner.IsNobody()) givers.insert(give.owner.number);
      }
      return absl::OkStatus();
    }));
    for (const uint64_t id : givers) {
      SPOOR_ASSIGN_OR_RETURN(const auto revealed, view_->ReadRevealed(AddressId{id}));
      if (revealed.has_value()) SPOOR_RETURN_IF_ERROR(take(AddressId{id}, *revealed));
    }
  }
  return Take(reveals);
}

absl::Status RevealedKeys::Take(absl::Span<const Reveal> reveals) {
  if (reveals.empty()) return absl::OkStatus();
  // A P2TR address takes a multiplication on the curve, so all processors are of use.
  std::vector<Part> parts(SharesOf(reveals.size(), kLeastReveals));
  std::vector<absl::Status> statuses(parts.size());
  DoInShares(reveals.size(), parts.size(), [&](size_t i, size_t begin, size_t end) {
    statuses[i] = Match(*view_, reveals.subspan(begin, end - begin), &parts[i]);
  });
  for (const absl::Status& status : statuses) SPOOR_RETURN_IF_ERROR(status);
  std::vector<LedgerTable::Change> rows;
  for (Part& part : parts) {
    pairs_.insert(pairs_.end(), part.pairs.begin(), part.pairs.end());
    for (LedgerTable::Change& row : part.rows) rows.push_back(std::move(row));
  }
  return rows.empty() ? absl::OkStatus() : table_.Write(rows);
}

absl::Status RevealedKeys::Match(const LedgerView& view, absl::Span<const Reveal> reveals,
                                 Part* out) {
  for (const Reveal& reveal : reveals) {
    SPOOR_ASSIGN_OR_RETURN(const std::string key, view.ReadAddress(reveal.id));
    for (const OtherAddresses& others : OtherAddressesOf(key, reveal.script.bytes)) {
      out->rows.push_back({RowKey(others.mark, reveal.id.number), ""});
      for (const std::string& other : others.keys) {
        SPOOR_ASSIGN_OR_RETURN(const std::optional<AddressId> found, view.FindAddress(other));
        if (!found.has_value()) continue;
        out->pairs.push_back({reveal.script.first.number, reveal.id.number, found->number});
      }
    }
  }
  return absl::OkStatus();
}

absl::Status RevealedKeys::FindNewAddresses(uint64_t movements, uint64_t addresses) {
  const std::optional<BlockInfo> tip = view_->tip();
  const uint64_t end = tip.has_value() ? tip->totals.addresses : 0;
  std::vector<std::string> keys;
  for (uint64_t first = addresses; first < end; first += keys.size()) {
    SPOOR_RETURN_IF_ERROR(view_->ReadAddresses(
        AddressId{first}, static_cast<size_t>(std::min<uint64_t>(end - first, kAtOnce)), &keys));
    for (size_t i = 0; i < keys.size(); ++i) {
      const std::string mark = keys[i].empty() ? "" : MarkOf(keys[i]);
      if (mark.size() < kMarkBytes) continue;
      const std::string prefix = RowPrefix(mark);
      const auto look = [&](absl::string_view row, absl::string_view) -> absl::Status {
        if (row.size() != prefix.size() + 5) return absl::DataLossError("clusters: a key's row");
        uint64_t id = 0;
        for (const char c : row.substr(prefix.size())) id = id << 8 | static_cast<uint8_t>(c);
        if (id >= end) return absl::OkStatus();
        SPOOR_ASSIGN_OR_RETURN(const auto revealed, view_->ReadRevealed(AddressId{id}));
        // Those that are new have been looked at.
        if (!revealed.has_value() || revealed->first.number >= movements) return absl::OkStatus();
        SPOOR_ASSIGN_OR_RETURN(const std::string key, view_->ReadAddress(AddressId{id}));
        for (const OtherAddresses& others : OtherAddressesOf(key, revealed->bytes)) {
          if (others.mark == mark) waiting_.emplace(first + i, id);
        }
        return absl::OkStatus();
      };
      SPOOR_RETURN_IF_ERROR(table_.Scan(prefix, prefix, look));
    }
  }
  return absl::OkStatus();
}

void RevealedKeys::Visit(uint64_t position, uint64_t addresses,
                         absl::FunctionRef<void(uint64_t, uint64_t)> visit) {
  if (waiting_.empty() && (next_ == pairs_.size() || pairs_[next_].position > position)) return;
  std::vector<std::pair<uint64_t, uint64_t>> due;
  for (; next_ < pairs_.size() && pairs_[next_].position <= position; ++next_) {
    const Pair& pair = pairs_[next_];
    if (pair.other < addresses) {
      due.emplace_back(pair.revealed, pair.other);
    } else {
      waiting_.emplace(pair.other, pair.revealed);
    }
  }
  while (!waiting_.empty() && waiting_.begin()->first < addresses) {
    due.emplace_back(waiting_.begin()->second, waiting_.begin()->first);
    waiting_.erase(waiting_.begin());
  }
  // Whatever order they were found in.
  std::sort(due.begin(), due.end());
  for (const auto& [revealed, other] : due) visit(revealed, other);
}

}  // namespace spoor
