#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "lib/ledger/check_chain.h"
#include "lib/ledger/schema.h"
#include "spoor/chain/revealed.h"
#include "spoor/ledger/names.h"

namespace spoor {
namespace {

constexpr uint64_t kProgressRows = 1 << 16;
constexpr size_t kKeySize = 6;
// Movements that are put in order before they are read (4 MB), and that are read at once.
constexpr size_t kInOrder = 1 << 18;
constexpr size_t kAtOnce = 1024;

absl::string_view View(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// Holds rows of keys against the addresses and movements they name.
class KeyScan {
 public:
  KeyScan(const ChainRows& rows, const ChainSums& sums, CheckLog* log)
      : rows_(rows),
        sums_(sums),
        log_(log),
        address_rows_(rows.Iterate(rows.database->addresses())) {
    address_rows_->Seek(schema::AddressRowKey(rows.number, AddressId{0}));
  }

  // Ids come in ascending order.
  void See(uint64_t id, absl::string_view value) {
    const auto revealed = schema::DecodeRevealed(AddressId{id}, value);
    if (!revealed.ok()) {
      Find(id, "a record that is damaged", "a position and what was revealed there");
      return;
    }
    if (id >= sums_.addresses) {
      Find(id, "a row", absl::StrCat("none: there are ", sums_.addresses, " addresses"));
      return;
    }
    const std::optional<absl::string_view> key = AddressKeyOf(id);
    if (key.has_value()) {
      const auto script = ScriptFromAddressKey(*key);
      if (!script.ok() || !IsRevealedBy(*script, AsBytes(revealed->bytes))) {
        Find(id, absl::StrCat("revealed ", ToHex(AsBytes(revealed->bytes))),
             "bytes of which the address is the hash");
      }
    }
    uses_.push_back({revealed->first.number, id});
    if (uses_.size() == kInOrder) Finish();
  }

  // Looks at the movements named.
  void Finish() {
    std::sort(uses_.begin(), uses_.end());
    for (size_t begin = 0; begin < uses_.size(); begin += kAtOnce) {
      LookAt(absl::MakeConstSpan(uses_).subspan(begin, kAtOnce));
    }
    uses_.clear();
  }

 private:
  // The position of a movement, and an address that it should spend from.
  using Use = std::pair<uint64_t, uint64_t>;

  // Ascending.
  void LookAt(absl::Span<const Use> uses) {
    std::vector<std::string> keys;  // one for movements of one row
    std::vector<size_t> key_of;
    for (const auto& [position, id] : uses) {
      std::string key = rows_.MovementKey(position);
      if (keys.empty() || keys.back() != key) keys.push_back(std::move(key));
      key_of.push_back(keys.size() - 1);
    }
    const std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
    std::vector<rocksdb::PinnableSlice> values(keys.size());
    std::vector<rocksdb::Status> statuses(keys.size());
    rocksdb::ReadOptions read;
    read.fill_cache = false;
    rows_.database->db()->MultiGet(read, rows_.movements(), slices.size(), slices.data(),
                                   values.data(), statuses.data(), /*sorted_input=*/true);
    Movement movement;
    for (size_t i = 0; i < uses.size(); ++i) {
      const auto& [position, id] = uses[i];
      if (position < sums_.movements && sums_.lost.Contains(position)) continue;
      std::optional<absl::string_view> row;
      if (position < sums_.movements && statuses[key_of[i]].ok()) {
        row = schema::FindInChunk(View(values[key_of[i]]), Position{position});
      }
      const bool read_well =
          row.has_value() && schema::DecodeMovement(Position{position}, *row, &movement).ok();
      const uint64_t owner = id;
      if (read_well &&
          std::any_of(movement.gives.begin(), movement.gives.end(),
                      [owner](const Give& give) { return give.owner.number == owner; })) {
        continue;
      }
      Find(id, absl::StrCat("revealed at position ", position),
           "a position at which it is spent from");
    }
  }

  void Find(uint64_t id, std::string found, std::string wanted) {
    log_->Find(schema::kKeys, absl::StrCat("address ", id), std::move(found), std::move(wanted));
  }

  // nullopt if there is no such row, or a damaged one, which is found elsewhere.
  std::optional<absl::string_view> AddressKeyOf(uint64_t id) {
    const std::string wanted = schema::AddressRowKey(rows_.number, AddressId{id});
    while (address_rows_->Valid() && View(address_rows_->key()) < wanted) address_rows_->Next();
    if (!address_rows_->Valid() || View(address_rows_->key()) != wanted) return std::nullopt;
    const auto row = schema::DecodeAddressRow(AddressId{id}, View(address_rows_->value()));
    return row.ok() ? std::optional(row->key) : std::nullopt;
  }

  const ChainRows& rows_;
  const ChainSums& sums_;
  CheckLog* log_;
  std::unique_ptr<rocksdb::Iterator> address_rows_;
  std::vector<Use> uses_;
};

}  // namespace

void CheckKeys(const ChainRows& rows, const ChainSums& sums, CheckLog* log) {
  const auto it = rows.Iterate(rows.database->keys());
  KeyScan scan(rows, sums, log);
  uint64_t seen = 0;
  for (it->Seek(std::string(1, static_cast<char>(rows.number)));
       it->Valid() && rows.IsMine(it->key()); it->Next()) {
    if (seen++ % kProgressRows == 0) log->Progress(schema::kKeys, seen - 1, sums.addresses, "rows");
    if (it->key().size() != kKeySize || rows.family == Family::kAccount) {
      log->Find(schema::kKeys, absl::StrCat("row ", ToHex(AsBytes(View(it->key())))),
                absl::StrCat("a key of ", it->key().size(), " bytes"),
                rows.family == Family::kAccount ? "no row of an account chain" : "one of 6 bytes");
      continue;
    }
    scan.See(schema::TrailingNumber(View(it->key())), View(it->value()));
  }
  scan.Finish();
  if (it->status().ok()) return;
  log->Find(schema::kKeys, absl::StrCat("after ", seen, " rows"), it->status().ToString(),
            "rows that can be read");
}

}  // namespace spoor
