#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "lib/ledger/account_schema.h"
#include "lib/ledger/check_accounts.h"
#include "lib/ledger/check_chain.h"
#include "lib/ledger/schema.h"

namespace spoor {
namespace {

absl::string_view View(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// The ranges of one kind of rows that are looked into: the first of those that differ, as many as
// memory allows.
class Chosen {
 public:
  Chosen(const RowSums& sums, uint64_t rows, uint64_t row_bytes, const CheckOptions& options)
      : sums_(sums), ranges_(sums.Differing()), wanted_(RowSums::kRanges) {
    // With twice what a range has on average, because both sides are kept.
    const uint64_t range_bytes = (rows / RowSums::kRanges + 1) * 2 * row_bytes;
    const uint64_t fit = std::max<uint64_t>(options.memory / 8 / range_bytes, 1);
    const uint64_t most = std::min<uint64_t>(fit, std::max<size_t>(options.most_findings, 1));
    left_out_ = ranges_.size() - std::min<uint64_t>(ranges_.size(), most);
    ranges_.resize(ranges_.size() - left_out_);
    for (const size_t range : ranges_) wanted_[range] = true;
  }

  bool empty() const { return ranges_.empty(); }
  const std::vector<size_t>& ranges() const { return ranges_; }
  size_t RangeOf(uint64_t number) const { return sums_.RangeOf(number); }
  bool Holds(uint64_t number) const { return wanted_[RangeOf(number)]; }
  uint64_t Begin(size_t range) const { return range * sums_.width(); }
  // Counts what is not looked into as a finding for each range.
  void FindLeftOut(const char* table, const char* of, CheckLog* log) const {
    for (uint64_t i = 0; i < left_out_; ++i) {
      log->Find(table, absl::StrCat("another range of ", of), "rows that do not agree",
                "those that movements imply; mend what is found before, and check again");
    }
  }

 private:
  const RowSums& sums_;
  std::vector<size_t> ranges_;
  std::vector<bool> wanted_;
  uint64_t left_out_ = 0;
};

struct Output {
  uint64_t position;
  uint32_t index;
  uint64_t owner;
  uint64_t amount;
  std::optional<Position> spender;
};
struct Use {  // by an input
  uint64_t position;
  uint32_t index;
  uint64_t owner;
  uint64_t amount;
  uint64_t spender;
};
struct Pair {
  uint64_t key;  // the head of a txid, an address id
  uint64_t position;

  friend auto operator<=>(const Pair&, const Pair&) = default;
};

std::string OwnerText(uint64_t owner) {
  return owner == AddressId::kNobody ? std::string("nobody") : absl::StrCat("address ", owner);
}

// Outputs and the inputs that say they spend them, all of some positions, in order.
void CompareSpends(const ChainRows& rows, const LostPositions& lost, std::vector<Output> outputs,
                   std::vector<Use> uses, CheckLog* log) {
  std::sort(uses.begin(), uses.end(), [](const Use& a, const Use& b) {
    return std::tie(a.position, a.index, a.spender) < std::tie(b.position, b.index, b.spender);
  });
  const auto find = [&](uint64_t position, std::string found, std::string wanted) {
    log->Find(schema::kMovements,
              log->keeps() ? rows.PlaceOf(position) : absl::StrCat("position ", position),
              std::move(found), std::move(wanted));
  };
  const auto place = [](const auto& o) {
    return absl::StrCat("output ", o.index, " of position ", o.position);
  };
  auto use = uses.begin();
  // Inputs that spend what is not there.
  const auto spend_nothing = [&](const auto& is_before) {
    for (; use != uses.end() && is_before(*use); ++use) {
      if (lost.Contains(use->position)) continue;
      find(use->spender, absl::StrCat("an input that spends ", place(*use)),
           "one that spends an output that is there");
    }
  };
  for (const Output& output : outputs) {
    const auto key = std::tie(output.position, output.index);
    spend_nothing([&](const Use& u) { return std::tie(u.position, u.index) < key; });
    const auto first = use;
    bool named = false;
    for (; use != uses.end() && std::tie(use->position, use->index) == key; ++use) {
      if (use != first) {
        find(use->spender,
             absl::StrCat("an input that spends ", place(output), ", which position ",
                          first->spender, " spends"),
             "one that spends an output that nothing else does");
      }
      if (use->owner != output.owner || use->amount != output.amount) {
        find(use->spender,
             absl::StrCat("an input of ", use->amount, " units of ", OwnerText(use->owner), ", ",
                          place(output)),
             absl::StrCat(output.amount, " of ", OwnerText(output.owner), ", as that output has"));
      }
      if (output.spender == Position{use->spender}) {
        named = true;
      } else if (use == first) {
        find(output.position,
             output.spender.has_value()
                 ? absl::StrCat("output ", output.index, " spent at position ",
                                output.spender->number)
                 : absl::StrCat("output ", output.index, " unspent"),
             absl::StrCat("spent at position ", use->spender, ", whose input spends it"));
        named = true;  // once is enough
      }
    }
    if (output.spender.has_value() && !named && !lost.Contains(output.spender->number)) {
      find(output.position,
           absl::StrCat("output ", output.index, " spent at position ", output.spender->number),
           "unspent: no input there spends it");
    }
  }
  spend_nothing([](const Use&) { return true; });
}

// What movements imply, and the rows there are.
void ComparePairs(const ChainRows& rows, const LostPositions& lost, const char* table,
                  const char* key_name, std::vector<Pair> implied, std::vector<Pair> there,
                  CheckLog* log) {
  std::sort(implied.begin(), implied.end());
  std::sort(there.begin(), there.end());
  const auto find = [&](const Pair& pair, const char* found, const char* wanted) {
    if (lost.Contains(pair.position)) return;
    log->Find(
        table,
        absl::StrCat(
            key_name, " ",
            table == schema::kTxids ? absl::StrCat(absl::Hex(pair.key, absl::kZeroPad16))
                                    : absl::StrCat(pair.key),
            ", ",
            log->keeps() ? rows.PlaceOf(pair.position) : absl::StrCat("position ", pair.position)),
        found, wanted);
  };
  auto a = implied.begin();
  auto b = there.begin();
  while (a != implied.end() || b != there.end()) {
    if (b == there.end() || (a != implied.end() && *a < *b)) {
      find(*a++, "no row", "a row, as the movement says");
    } else if (a == implied.end() || *b < *a) {
      find(*b++, "a row", "none: the movement does not say so");
    } else {
      ++a;
      ++b;
    }
  }
}

// The pairs in the rows of chosen ranges of txids or receipts. `key_bytes` are those of the key.
std::vector<Pair> ReadPairs(const ChainRows& rows, rocksdb::ColumnFamilyHandle* table,
                            size_t key_bytes, const Chosen& chosen) {
  std::vector<Pair> pairs;
  const auto it = rows.Iterate(table);
  for (const size_t range : chosen.ranges()) {
    std::string begin(1, static_cast<char>(rows.number));
    for (size_t i = key_bytes; i-- > 0;) {
      begin.push_back(static_cast<char>(chosen.Begin(range) >> (8 * i)));
    }
    for (it->Seek(begin); it->Valid() && rows.IsMine(it->key()); it->Next()) {
      const absl::string_view key = View(it->key());
      if (key.size() != 1 + key_bytes + 5) continue;
      uint64_t number = 0;
      for (const char c : key.substr(1, key_bytes)) number = number << 8 | static_cast<uint8_t>(c);
      if (chosen.RangeOf(number) != range) break;
      pairs.push_back({number, schema::TrailingNumber(key)});
    }
  }
  return pairs;
}

// Visits the rows of chosen ranges of addresses, as far as they can be read.
void ScanAddressRows(const ChainRows& rows, const ChainSums& sums, const Chosen& chosen,
                     absl::FunctionRef<void(uint64_t id, const schema::AddressRow& row)> visit) {
  const auto it = rows.Iterate(rows.database->addresses());
  for (const size_t range : chosen.ranges()) {
    for (it->Seek(schema::AddressRowKey(rows.number, AddressId{chosen.Begin(range)}));
         it->Valid() && rows.IsMine(it->key()); it->Next()) {
      if (it->key().size() != schema::AddressRowKey(rows.number, AddressId{0}).size()) continue;
      const uint64_t id = schema::TrailingNumber(View(it->key()));
      if (id >= sums.addresses || chosen.RangeOf(id) != range) break;
      const auto row = schema::DecodeAddressRow(AddressId{id}, View(it->value()));
      if (row.ok()) visit(id, *row);
    }
  }
}

// The receipts in the rows of chosen ranges of addresses, and those in rows of their own.
std::vector<Pair> ReadReceipts(const ChainRows& rows, const ChainSums& sums, const Chosen& chosen) {
  std::vector<Pair> receipts = ReadPairs(rows, rows.database->receipts(), 5, chosen);
  ScanAddressRows(rows, sums, chosen, [&](uint64_t id, const schema::AddressRow& row) {
    if (row.first_receipt.has_value()) receipts.push_back({id, row.first_receipt->number});
  });
  return receipts;
}

// What one side says of a balance between two movements, or a movement and the balance's row.
struct Claim {
  uint64_t key;  // the position that it was touched at, or its address
  std::string text;

  friend auto operator<=>(const Claim&, const Claim&) = default;
};

// What is said at one end of balances, and at the other.
void CompareClaims(const ChainRows& rows, const LostPositions* lost, const char* table,
                   std::vector<Claim> here, std::vector<Claim> there, CheckLog* log) {
  std::sort(here.begin(), here.end());
  std::sort(there.begin(), there.end());
  std::vector<Claim> only_here;
  std::vector<Claim> only_there;
  std::set_difference(here.begin(), here.end(), there.begin(), there.end(),
                      std::back_inserter(only_here));
  std::set_difference(there.begin(), there.end(), here.begin(), here.end(),
                      std::back_inserter(only_there));
  const auto texts = [](std::vector<Claim>::iterator* it, std::vector<Claim>::iterator end,
                        uint64_t key) {
    std::string all;
    for (; *it != end && (*it)->key == key; ++*it) {
      absl::StrAppend(&all, all.empty() ? "" : "; ", (*it)->text);
    }
    return all.empty() ? std::string("nothing of it") : all;
  };
  auto a = only_here.begin();
  auto b = only_there.begin();
  while (a != only_here.end() || b != only_there.end()) {
    const uint64_t key =
        b == only_there.end() || (a != only_here.end() && a->key < b->key) ? a->key : b->key;
    std::string found = texts(&a, only_here.end(), key);
    std::string wanted = texts(&b, only_there.end(), key);
    if (lost != nullptr && lost->Contains(key)) continue;
    log->Find(table,
              lost == nullptr ? absl::StrCat("address ", key)
              : log->keeps()  ? rows.PlaceOf(key)
                              : absl::StrCat("position ", key),
              std::move(found), std::move(wanted));
  }
}

// The rows of balances of chosen ranges of addresses.
std::vector<Claim> ReadBalances(const ChainRows& rows, const Chosen& chosen) {
  std::vector<Claim> claims;
  if (chosen.empty()) return claims;
  const auto it = rows.Iterate(rows.database->accounts().balances);
  Balance balance;
  for (const size_t range : chosen.ranges()) {
    for (it->Seek(schema::BalancePrefix(rows.number, AddressId{chosen.Begin(range)}));
         it->Valid() && rows.IsMine(it->key()); it->Next()) {
      if (it->key().size() != 10) continue;
      const Holding holding = schema::BalanceOfKey(View(it->key()));
      if (chosen.RangeOf(holding.major) != range) break;
      if (!schema::DecodeBalance(View(it->value()), &balance).ok()) continue;
      const BalanceLink link = LinkOf(holding, balance);
      claims.push_back({holding.major, absl::StrCat(link.Text(), " at position ", link.from.number,
                                                    ", its place ", link.slot)});
    }
  }
  return claims;
}

void CompareAddresses(const ChainRows& rows, const ChainSums& sums, const Chosen& chosen,
                      CheckLog* log) {
  std::map<uint64_t, std::string> keys;
  ScanAddressRows(rows, sums, chosen, [&](uint64_t id, const schema::AddressRow& row) {
    keys.emplace(id, std::string(row.key));
  });
  const auto it = rows.Iterate(rows.database->address_ids());
  const auto key_text = [](absl::string_view key) {
    return absl::StrCat("key ", ToHex(AsBytes(key)));
  };
  std::map<uint64_t, std::string> unnamed = keys;
  uint64_t seen = 0;
  for (it->Seek(std::string(1, static_cast<char>(rows.number)));
       it->Valid() && rows.IsMine(it->key()); it->Next()) {
    if (seen++ % (1 << 16) == 0) log->Progress("explaining", seen - 1, sums.addresses, "rows");
    const auto id = schema::DecodeAddressId(View(it->value()));
    if (!id.ok() || id->number >= sums.addresses || !chosen.Holds(id->number)) continue;
    const absl::string_view key = View(it->key()).substr(1);
    const auto found = keys.find(id->number);
    if (found != keys.end() && found->second == key) {
      unnamed.erase(id->number);
    } else {
      log->Find(schema::kAddressIds, key_text(key), absl::StrCat("address ", id->number),
                found == keys.end()
                    ? std::string("no row: there is no such address")
                    : absl::StrCat("none or another: that address has ", key_text(found->second)));
    }
  }
  for (const auto& [id, key] : unnamed) {
    log->Find(schema::kAddressIds, key_text(key), "no row for it",
              absl::StrCat("address ", id, ", which has that key"));
  }
}

}  // namespace

void ExplainSums(const ChainRows& rows, const ChainSums& sums, CheckLog* log) {
  const CheckOptions& options = log->options();
  const Chosen spends(sums.spends, 4 * sums.movements, sizeof(Output), options);
  const Chosen txids(sums.txids, sums.movements, sizeof(Pair), options);
  const Chosen receipts(sums.receipts, 4 * sums.movements, sizeof(Pair), options);
  const Chosen addresses(sums.address_ids, sums.addresses, 128, options);
  const Chosen balances(sums.balances, 4 * sums.addresses, 256, options);
  if (spends.empty() && txids.empty() && receipts.empty() && addresses.empty() &&
      balances.empty()) {
    return;
  }
  const uint64_t findings_before = log->total();
  if (!spends.empty() || !txids.empty() || !receipts.empty() || !balances.empty()) {
    AccountRow row_of_accounts;
    std::vector<BalanceLink> links;
    std::vector<Claim> before;
    std::vector<Claim> after;
    std::vector<Claim> last;
    RunStarts runs(rows.family);
    const auto explain_accounts = [&](Position position, const AccountRow& row,
                                      std::vector<Pair>* implied_receipts) {
      links.clear();
      LinksBefore(position, row, &links);
      for (const BalanceLink& link : links) {
        if (!spends.Holds(link.from.number)) continue;
        after.push_back({link.from.number, link.Text()});
      }
      links.clear();
      LinksAfter(position, row, &links);
      for (const BalanceLink& link : links) {
        if (link.holding.major >= sums.addresses) continue;
        if (link.next.has_value() && spends.Holds(position.number)) {
          before.push_back({position.number, link.Text()});
        } else if (!link.next.has_value() && balances.Holds(link.holding.major)) {
          last.push_back(
              {link.holding.major, absl::StrCat(link.Text(), " at position ", position.number,
                                                ", its place ", link.slot)});
        }
      }
      if (!row.takes) return;
      const uint64_t id = row.touches[row.size() - 1].owner.number;
      if (id < sums.addresses && receipts.Holds(id)) {
        implied_receipts->push_back({id, position.number});
      }
    };
    std::vector<Output> outputs;
    std::vector<Use> uses;
    std::vector<Pair> implied_txids;
    std::vector<Pair> implied_receipts;
    Movement movement;
    std::vector<uint64_t> credited;
    rows.ScanMovements(
        sums.movements,
        [&](uint64_t position, absl::string_view row) {
          if (position % (1 << 16) == 0) {
            log->Progress("explaining", position, sums.movements, "rows");
          }
          const bool account = rows.family == Family::kAccount;
          if (!(account ? schema::DecodeAccountRow(Position{position}, row, &row_of_accounts)
                        : schema::DecodeMovement(Position{position}, row, &movement))
                   .ok()) {
            return;
          }
          const Txid& txid = account ? row_of_accounts.txid : movement.txid;
          const uint64_t head = TxidHead(txid);
          if (runs.See(txid, account ? row_of_accounts.height : movement.height) &&
              txids.Holds(head)) {
            implied_txids.push_back({head, position});
          }
          if (account) {
            explain_accounts(Position{position}, row_of_accounts, &implied_receipts);
            return;
          }
          for (const Give& give : movement.gives) {
            if (give.kind != GiveKind::kHolding || !spends.Holds(give.holding.major)) continue;
            uses.push_back({give.holding.major, give.holding.minor, give.owner.number,
                            static_cast<uint64_t>(give.amount), position});
          }
          for (const Take& take : movement.takes) {
            if (take.kind == TakerKind::kFee || !spends.Holds(position)) continue;
            outputs.push_back({position, take.holding.minor, take.owner.number,
                               static_cast<uint64_t>(take.amount), take.next});
          }
          CreditedAddresses(movement, &credited);
          for (const uint64_t id : credited) {
            if (id < sums.addresses && receipts.Holds(id)) {
              implied_receipts.push_back({id, position});
            }
          }
        },
        [](uint64_t, uint64_t, const std::string&) {});
    if (rows.family == Family::kAccount) {
      CompareClaims(rows, &sums.lost, schema::kAccountMovements, std::move(before),
                    std::move(after), log);
      CompareClaims(rows, nullptr, schema::kBalances, ReadBalances(rows, balances), std::move(last),
                    log);
    }
    CompareSpends(rows, sums.lost, std::move(outputs), std::move(uses), log);
    ComparePairs(rows, sums.lost, schema::kTxids, "txid", std::move(implied_txids),
                 ReadPairs(rows, rows.database->txids(), 8, txids), log);
    ComparePairs(rows, sums.lost, schema::kReceipts, "address", std::move(implied_receipts),
                 ReadReceipts(rows, sums, receipts), log);
  }
  if (!addresses.empty()) CompareAddresses(rows, sums, addresses, log);
  spends.FindLeftOut(rows.movement_table(), "positions", log);
  balances.FindLeftOut(schema::kBalances, "addresses", log);
  txids.FindLeftOut(schema::kTxids, "txids", log);
  addresses.FindLeftOut(schema::kAddressIds, "addresses", log);
  receipts.FindLeftOut(schema::kReceipts, "addresses", log);
  if (log->total() == findings_before && sums.lost.size() == 0) {
    log->Find("database", "rows that were read twice", "the same once, and once not",
              "the same: this machine's memory or disk may be failing");
  }
}

}  // namespace spoor
