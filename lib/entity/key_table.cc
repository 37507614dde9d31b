#include "lib/entity/key_table.h"

#include <algorithm>
#include <array>

#include "absl/hash/hash.h"
#include "lib/entity/huge_pages.h"
#include "lib/entity/shares.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/key.h"
#include "spoor/chain/script.h"

namespace spoor {
namespace {

constexpr uint64_t kIdMask = (uint64_t{1} << 40) - 1;
// How many addresses ahead the table's slots are fetched.
constexpr size_t kAhead = 16;
// So many hashes are worth a thread.
constexpr size_t kLeastHashes = 2048;

// Calls `visit` with each mark of the address of that key, until it returns false.
template <typename Visit>
void ForEachMark(absl::string_view key, const Visit& visit) {
  if (key.empty()) return;
  const ByteSpan payload = AsBytes(key.substr(1));
  const auto visit_digest = [&visit](const auto& digest) { return visit(AsChars(digest)); };
  switch (static_cast<ScriptKind>(key[0])) {
    case ScriptKind::kP2pkh:
    case ScriptKind::kP2wpkh:
      if (payload.size() == 20) visit_digest(NestedHash(payload));
      return;
    case ScriptKind::kP2sh:
      if (payload.size() == 20) visit(AsChars(payload));
      return;
    case ScriptKind::kP2tr:
      if (payload.size() == 32) visit(AsChars(payload));
      return;
    case ScriptKind::kP2pk: {
      // A key that is no point of the curve has no other form; its hash still is one.
      const absl::StatusOr<PublicKey> point = PublicKey::Parse(payload);
      if (!point.ok()) {
        visit_digest(NestedHash(Hash160(payload)));
      } else if (visit_digest(NestedHash(Hash160(point->Compressed()))) &&
                 visit_digest(NestedHash(Hash160(point->Uncompressed())))) {
        visit_digest(point->TaprootOutputKey());
      }
      return;
    }
    default:
      return;
  }
}

// Of this process alone: anybody may choose the bytes of a mark, so that many begin alike.
uint64_t HeadOf(absl::string_view mark) { return absl::Hash<absl::string_view>()(mark); }

bool HasMark(absl::string_view key, absl::string_view mark) {
  bool found = false;
  ForEachMark(key, [&](absl::string_view other) { return !(found = found || other == mark); });
  return found;
}

bool IsP2pk(absl::string_view key) {
  return !key.empty() && static_cast<ScriptKind>(key[0]) == ScriptKind::kP2pk;
}

}  // namespace

// The hash of the P2SH-P2WPKH script of a key with that hash.
Digest160 NestedHash(ByteSpan key_hash) {
  std::array<uint8_t, 22> script = {0, 20};
  std::copy_n(key_hash.begin(), 20, script.begin() + 2);
  return Hash160(script);
}

void KeyTable::Reset(uint64_t addresses) {
  room_ = addresses + addresses / 16;
  // Advice is of use before the room is filled.
  slots_ = {};
  slots_.reserve(SlotsFor(addresses));
  AdviseHugePages(slots_);
  slots_.assign(SlotsFor(addresses), 0);
  of_p2pk_.clear();
}

absl::Status KeyTable::Visit(uint64_t id, uint64_t head, bool of_p2pk,
                             absl::FunctionRef<absl::StatusOr<bool>(uint64_t other)> is_same) {
  if (!of_p2pk_.empty()) {
    if (const auto it = of_p2pk_.find(head); it != of_p2pk_.end()) {
      SPOOR_ASSIGN_OR_RETURN(const bool same, is_same(it->second));
      if (same) return absl::OkStatus();
    }
  }
  const uint64_t tag = head << 40;
  size_t place = PlaceOf(head);
  for (; slots_[place] != 0; place = place + 1 == slots_.size() ? 0 : place + 1) {
    if ((slots_[place] & ~kIdMask) != tag) continue;
    SPOOR_ASSIGN_OR_RETURN(const bool same, is_same((slots_[place] & kIdMask) - 1));
    if (same) return absl::OkStatus();
  }
  if (of_p2pk) {
    of_p2pk_.try_emplace(head, id);
  } else {
    slots_[place] = tag | (id + 1);
  }
  return absl::OkStatus();
}

absl::Status KeyTable::Add(const LedgerView& view, uint64_t first,
                           absl::Span<const std::string> keys, std::vector<SameKey>* same) {
  SPOOR_CHECK(first + keys.size() <= room_);
  // Hashes first, so that the slots can be fetched before they are needed. 0: has no mark, or is of
  // P2PK, which may have several.
  heads_.assign(keys.size(), 0);
  DoInShares(keys.size(), SharesOf(keys.size(), kLeastHashes),
             [&](size_t, size_t begin, size_t end) {
               for (size_t i = begin; i < end; ++i) {
                 if (IsP2pk(keys[i])) continue;
                 ForEachMark(keys[i], [&](absl::string_view mark) {
                   heads_[i] = HeadOf(mark);
                   return true;
                 });
               }
             });
  for (size_t i = 0; i < keys.size(); ++i) {
    if (i + kAhead < keys.size() && heads_[i + kAhead] != 0) {
      __builtin_prefetch(&slots_[PlaceOf(heads_[i + kAhead])]);
    }
    const bool of_p2pk = IsP2pk(keys[i]);
    if (heads_[i] == 0 && !of_p2pk) continue;
    const uint64_t id = first + i;
    const size_t same_before = same->size();
    const auto is_same_by = [&](absl::string_view mark, uint64_t other) -> absl::StatusOr<bool> {
      std::string read;
      if (other < first) {
        SPOOR_ASSIGN_OR_RETURN(read, view.ReadAddress(AddressId{other}));
      }
      if (!HasMark(other < first ? read : keys[other - first], mark)) return false;
      const SameKey pair(id, other);
      if (std::find(same->begin() + static_cast<ptrdiff_t>(same_before), same->end(), pair) ==
          same->end()) {
        same->push_back(pair);
      }
      return true;
    };
    absl::Status status;
    if (of_p2pk) {
      ForEachMark(keys[i], [&](absl::string_view mark) {
        status = Visit(id, HeadOf(mark), of_p2pk,
                       [&](uint64_t other) { return is_same_by(mark, other); });
        return status.ok();
      });
    } else {
      status = Visit(id, heads_[i], of_p2pk, [&](uint64_t other) -> absl::StatusOr<bool> {
        // Few have a slot of the same tag: their marks are made again.
        absl::StatusOr<bool> found = false;
        ForEachMark(keys[i], [&](absl::string_view mark) {
          found = is_same_by(mark, other);
          return true;
        });
        return found;
      });
    }
    SPOOR_RETURN_IF_ERROR(status);
  }
  return absl::OkStatus();
}

void KeyTable::Shrink(uint64_t end) {
  for (uint64_t& slot : slots_) {
    if ((slot & kIdMask) > end) slot = 0;
  }
  for (auto it = of_p2pk_.begin(); it != of_p2pk_.end();) {
    const auto here = it++;
    if (here->second >= end) of_p2pk_.erase(here);
  }
}

}  // namespace spoor
