#include "lib/ledger/check_accounts.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "lib/ledger/account_schema.h"
#include "lib/ledger/schema.h"

namespace spoor {
namespace {

constexpr size_t kBalanceKeySize = 10;
constexpr size_t kAssetKeySize = 5;
constexpr uint64_t kProgressRows = 1 << 16;
constexpr uint64_t kOpeningBytes = 160;  // in a map, about

absl::string_view View(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

uint64_t Word(const Units& units, int i) {
  return static_cast<uint64_t>((units >> (64 * i)) & ~uint64_t{0});
}

std::string HoldingText(const Holding& holding) {
  return absl::StrCat("asset ", holding.minor, " of address ", holding.major);
}

// Below zero where that is less.
std::string SignedText(const Units& relative) {
  const Units negated = Units(0) - relative;
  return negated < relative ? absl::StrCat("-", ToDecimal(negated)) : ToDecimal(relative);
}

}  // namespace

RowHash BalanceLink::Hash(const RowHasher& hasher) const {
  return hasher.Of({from.number, slot, holding.major, holding.minor, Word(relative, 0),
                    Word(relative, 1), Word(relative, 2), Word(relative, 3),
                    next.has_value() ? next->number : schema::kNone40});
}

std::string BalanceLink::Text() const {
  return absl::StrCat(
      HoldingText(holding), " at ", SignedText(relative), " less its opening balance, touched ",
      next.has_value() ? absl::StrCat("next at position ", next->number) : std::string("last"));
}

void LinksAfter(Position position, const AccountRow& row, std::vector<BalanceLink>* links) {
  for (size_t i = 0; i < row.size(); ++i) {
    Units relative = row.touches[i].relative;
    if (row.gives && i == 0) relative -= row.amount;
    if (row.takes && i + 1 == row.size()) relative += row.amount;
    links->push_back(
        {position, static_cast<uint32_t>(i), row.holding(i), relative, row.touches[i].next});
  }
}

void LinksBefore(Position position, const AccountRow& row, std::vector<BalanceLink>* links) {
  for (size_t i = 0; i < row.size(); ++i) {
    const Touch& touch = row.touches[i];
    if (!touch.previous.has_value()) continue;
    links->push_back(
        {*touch.previous, touch.previous_slot, row.holding(i), touch.relative, position});
  }
}

BalanceLink LinkOf(const Holding& holding, const Balance& balance) {
  return {balance.last, balance.slot, holding, balance.amount - balance.opening, std::nullopt};
}

OpeningScan::OpeningScan(uint64_t begin, uint64_t addresses, uint64_t memory)
    : begin_(begin), end_(addresses), most_(std::max<uint64_t>(memory / kOpeningBytes, 1024)) {}

std::optional<Units> OpeningScan::Raise(const AccountRow& row) {
  if (!row.gives) return Units(0);
  const Holding holding = row.holding(0);
  if (holding.major < begin_ || holding.major >= end_) return std::nullopt;
  const auto it = openings_.find(holding);
  const Units opening = it == openings_.end() ? Units(0) : it->second;
  const Units before = row.touches[0].relative + opening;
  if (before >= row.amount) return Units(0);
  const Units raise = row.amount - before;
  openings_[holding] = opening + raise;
  if (openings_.size() > most_ && begin_ + 1 < end_) {
    // The rest waits for another scan.
    std::vector<uint64_t> ids;
    for (const auto& entry : openings_) ids.push_back(entry.first.major);
    std::nth_element(ids.begin(), ids.begin() + static_cast<ptrdiff_t>(ids.size() / 2), ids.end());
    end_ = std::max(ids[ids.size() / 2], begin_ + 1);
    absl::erase_if(openings_, [&](const auto& entry) { return entry.first.major >= end_; });
  }
  return raise;
}

Units OpeningScan::OpeningOf(const Holding& holding) const {
  const auto it = openings_.find(holding);
  return it == openings_.end() ? Units(0) : it->second;
}

AccountScan::AccountScan(const ChainRows& rows, ChainSums* sums, CheckLog* log)
    : rows_(rows),
      sums_(sums),
      log_(log),
      openings_(0, sums->addresses, log->options().memory / 8),
      received_(RowSums::kRanges) {}

uint64_t AccountScan::KeyOf(const Holding& holding, uint64_t what) const {
  return rows_.hasher.Of({holding.major, holding.minor, what}).a;
}

std::optional<AccountScan::Wrong> AccountScan::See(Position position, const AccountRow& row,
                                                   LedgerTotals* counted) {
  counted->inputs += row.gives ? 1 : 0;
  counted->outputs += row.kind == MovementKind::kFee ? 0 : 1;
  counted->transfers += row.kind == MovementKind::kTransfer ? 1 : 0;
  counted->assets = std::max<uint64_t>(counted->assets, row.asset);
  links_.clear();
  LinksBefore(position, row, &links_);
  for (const BalanceLink& link : links_) {
    sums_->spends.Add(link.from.number, link.Hash(rows_.hasher));
  }
  links_.clear();
  LinksAfter(position, row, &links_);
  for (const BalanceLink& link : links_) {
    if (link.holding.major >= sums_->addresses) continue;  // told by who counts addresses
    if (link.next.has_value()) {
      sums_->spends.Subtract(position.number, link.Hash(rows_.hasher));
    } else {
      sums_->balances.Add(link.holding.major, link.Hash(rows_.hasher));
    }
    received_[sums_->balances.RangeOf(link.holding.major)] += KeyOf(link.holding, 1);
  }
  if (row.takes) {
    const Holding holding = row.holding(row.size() - 1);
    if (holding.major < sums_->addresses) {
      sums_->receipts.Add(holding.major, rows_.hasher.Of({holding.major, position.number}));
      received_[sums_->balances.RangeOf(holding.major)] += Uint512(row.amount) * KeyOf(holding, 0);
    }
  }
  if (row.impossible) tallies_[row.asset].impossible += 1;
  if (OpensBalance(row)) {
    tallies_[row.asset].openings += 1;
    counted->unresolved_inputs += 1;
  }
  for (size_t i = 0; i < row.size(); ++i) {
    if (row.touches[i].previous.has_value() || row.touches[i].relative == 0) continue;
    return Wrong{absl::StrCat(HoldingText(row.holding(i)), " at ",
                              SignedText(row.touches[i].relative), " before it was ever touched"),
                 "at 0"};
  }
  if (row.impossible && row.amount != 0) {
    return Wrong{absl::StrCat("an impossible amount of ", ToDecimal(row.amount)), "0"};
  }
  const std::optional<Units> raise = openings_.Raise(row);
  if (raise.has_value() && *raise != row.raise && sums_->lost.size() == 0) {
    return Wrong{absl::StrCat("an opening balance that rises by ", ToDecimal(row.raise)),
                 absl::StrCat("by ", ToDecimal(*raise), ", the least that covers what is paid")};
  }
  return std::nullopt;
}

void AccountScan::ScanBalances(const std::optional<BlockInfo>& tip) {
  const LedgerTotals totals = tip.has_value() ? tip->totals : LedgerTotals();
  const auto it = rows_.Iterate(rows_.database->accounts().balances);
  uint64_t seen = 0;
  Balance balance;
  for (it->Seek(std::string(1, static_cast<char>(rows_.number)));
       it->Valid() && rows_.IsMine(it->key()); it->Next()) {
    if (seen++ % kProgressRows == 0) log_->Progress(schema::kBalances, seen - 1, 0, "rows");
    const auto find = [&](std::string found, std::string wanted) {
      log_->Find(schema::kBalances, absl::StrCat("row ", ToHex(AsBytes(View(it->key())))),
                 std::move(found), std::move(wanted));
    };
    if (it->key().size() != kBalanceKeySize) {
      find(absl::StrCat("a key of ", it->key().size(), " bytes"), "one of 10 bytes");
      continue;
    }
    const Holding holding = schema::BalanceOfKey(View(it->key()));
    if (holding.major >= totals.addresses || holding.minor > totals.assets) {
      find(HoldingText(holding),
           absl::StrCat("one of ", totals.addresses, " addresses and ", totals.assets, " assets"));
      continue;
    }
    if (!schema::DecodeBalance(View(it->value()), &balance).ok()) {
      find("a record that is damaged", "a balance");
      continue;
    }
    sums_->balances.Subtract(holding.major, LinkOf(holding, balance).Hash(rows_.hasher));
    Uint512& sum = received_[sums_->balances.RangeOf(holding.major)];
    sum -= balance.received * KeyOf(holding, 0);
    sum -= Uint512(balance.movements) * KeyOf(holding, 1);
    const Units opening = openings_.OpeningOf(holding);
    if (holding.major < openings_.end() && opening != balance.opening && sums_->lost.size() == 0) {
      find(absl::StrCat("an opening balance of ", ToDecimal(balance.opening)),
           absl::StrCat(ToDecimal(opening), ", the least that covers all it paid"));
    }
  }
  if (!it->status().ok()) {
    log_->Find(schema::kBalances, absl::StrCat("after ", seen, " rows"), it->status().ToString(),
               "rows that can be read");
    sums_->balances.Forget();
    return;
  }
  for (size_t range = 0; range < received_.size() && sums_->lost.size() == 0; ++range) {
    if (received_[range] == 0) continue;
    const uint64_t begin = range * sums_->balances.width();
    log_->Find(schema::kBalances,
               absl::StrCat("addresses ", begin, " to ", begin + sums_->balances.width() - 1),
               "what balances received, and how often they were touched",
               "as much as the movements say");
  }
}

void AccountScan::ScanAssets(const std::optional<BlockInfo>& tip) {
  const uint64_t assets = tip.has_value() ? tip->totals.assets : 0;
  const auto it = rows_.Iterate(rows_.database->accounts().assets);
  uint64_t next = 1;
  schema::AssetRow asset;
  AssetTally native;
  const auto find = [&](uint64_t id, std::string found, std::string wanted) {
    log_->Find(schema::kAssets, absl::StrCat("asset ", id), std::move(found), std::move(wanted));
  };
  const auto compare = [&](AssetId id, const AssetTally& tally) {
    const auto found = tallies_.find(id);
    const AssetTally wanted = found == tallies_.end() ? AssetTally() : found->second;
    if (tally == wanted || sums_->lost.size() > 0) return;
    find(id, absl::StrCat(tally.openings, " opening balances, ", tally.impossible, " impossible"),
         absl::StrCat(wanted.openings, " and ", wanted.impossible, ", as the movements say"));
  };
  for (it->Seek(std::string(1, static_cast<char>(rows_.number)));
       it->Valid() && rows_.IsMine(it->key()); it->Next()) {
    const AssetId id =
        it->key().size() == kAssetKeySize ? schema::AssetOfKey(View(it->key())) : ~AssetId{0};
    if (id > assets || !schema::DecodeAsset(View(it->value()), &asset).ok()) {
      log_->Find(schema::kAssets, absl::StrCat("row ", ToHex(AsBytes(View(it->key())))),
                 id > assets ? "an asset beyond those there are" : "a record that is damaged",
                 absl::StrCat("one of ", assets, " assets"));
      if (id <= assets) next = id + 1;
      continue;
    }
    if (id == kNativeAsset) {
      native = asset.tally;
      continue;
    }
    for (; next < id; ++next) find(next, "no row", "a row");
    next = id + 1;
    compare(id, asset.tally);
    std::string value;
    const rocksdb::Status status =
        rows_.database->db()->Get(rocksdb::ReadOptions(), rows_.database->accounts().asset_ids,
                                  schema::AssetIdKey(rows_.number, asset.stated.key), &value);
    if (!status.ok() || value != schema::EncodeAssetId(id)) {
      log_->Find(schema::kAssetIds, absl::StrCat("key ", ToHex(AsBytes(asset.stated.key))),
                 status.ok() ? "another asset" : "no row", absl::StrCat("asset ", id));
    }
  }
  for (; next <= assets; ++next) find(next, "no row", "a row");
  compare(kNativeAsset, native);
  const auto ids = rows_.Iterate(rows_.database->accounts().asset_ids);
  uint64_t count = 0;
  for (ids->Seek(std::string(1, static_cast<char>(rows_.number)));
       ids->Valid() && rows_.IsMine(ids->key()); ids->Next()) {
    ++count;
  }
  if (count != assets) {
    log_->Find(schema::kAssetIds, "all", absl::StrCat(count, " rows"),
               absl::StrCat(assets, ", one for each asset"));
  }
  for (const auto* scan : {&it, &ids}) {
    if ((*scan)->status().ok()) continue;
    log_->Find(schema::kAssets, "all", (*scan)->status().ToString(), "rows that can be read");
  }
}

void AccountScan::FollowOtherOpenings(const std::optional<BlockInfo>& tip) {
  const uint64_t end = tip.has_value() ? tip->totals.movements : 0;
  for (uint64_t begin = openings_.end(); begin < sums_->addresses && sums_->lost.size() == 0;) {
    OpeningScan scan(begin, sums_->addresses, log_->options().memory / 4);
    AccountRow row;
    rows_.ScanMovements(
        end,
        [&](uint64_t position, absl::string_view value) {
          if (position % kProgressRows == 0) {
            log_->Progress("opening balances", position, end, "rows");
          }
          if (!schema::DecodeAccountRow(Position{position}, value, &row).ok()) return;
          const std::optional<Units> raise = scan.Raise(row);
          if (!raise.has_value() || *raise == row.raise) return;
          log_->Find(
              schema::kAccountMovements, rows_.PlaceOf(position),
              absl::StrCat("an opening balance that rises by ", ToDecimal(row.raise)),
              absl::StrCat("by ", ToDecimal(*raise), ", the least that covers what is paid"));
        },
        [](uint64_t, uint64_t, const std::string&) {});
    const auto it = rows_.Iterate(rows_.database->accounts().balances);
    Balance balance;
    for (it->Seek(schema::BalancePrefix(rows_.number, AddressId{begin}));
         it->Valid() && rows_.IsMine(it->key()); it->Next()) {
      if (it->key().size() != kBalanceKeySize ||
          !schema::DecodeBalance(View(it->value()), &balance).ok()) {
        continue;
      }
      const Holding holding = schema::BalanceOfKey(View(it->key()));
      if (holding.major >= scan.end()) break;
      const Units opening = scan.OpeningOf(holding);
      if (opening == balance.opening) continue;
      log_->Find(schema::kBalances, HoldingText(holding),
                 absl::StrCat("an opening balance of ", ToDecimal(balance.opening)),
                 absl::StrCat(ToDecimal(opening), ", the least that covers all it paid"));
    }
    begin = scan.end();
  }
}

void AccountScan::Finish(const std::optional<BlockInfo>& tip) {
  ScanBalances(tip);
  ScanAssets(tip);
  FollowOtherOpenings(tip);
}

}  // namespace spoor
