// Files of transfers into a ledger: what the rows say is what the ledger has, in whatever order and
// in however many files they come, and what cannot be is refused with its place.

#include "spoor/ingest/transfers.h"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "spoor/base/line_file.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/decimal.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/ledger/names.h"
#include "tests/real_data.h"
#include "tests/support/dump_ledger.h"
#include "tests/support/files.h"

namespace spoor {
namespace {

// A ledger that files are ingested into, one call after another.
class Transfers {
 public:
  explicit Transfers(TransferFormat f = {}) : format(std::move(f)) {
    format.chain = "test";
    if (format.asset.empty()) format.asset = "USD";
    ChainInfo chain;
    chain.name = "test";
    chain.family = Family::kAccount;
    chain.symbol = format.asset;
    chain.decimals = format.decimals;
    ledger = std::make_unique<MemoryLedger>(chain);
  }

  absl::StatusOr<TransferReport> Ingest(const std::vector<std::string>& files) {
    return IngestTransfers(files, format, ledger.get(), &table, options);
  }
  absl::StatusOr<TransferReport> IngestText(absl::string_view text) {
    return Ingest({dir.Write(absl::StrCat("file", ++files_, ".csv"), text)});
  }
  std::string Dump() const {
    const auto dump = DumpLedger(*ledger);
    EXPECT_TRUE(dump.ok()) << dump.status();
    return dump.ok() ? *dump : "";
  }
  // What an account holds, opening balance included; and how much of that is assumed.
  BalanceInfo Balance(const std::string& account, const std::string& asset = "") const {
    const auto id = ledger->FindAddress(*AccountKeyFromText(account));
    if (!id.ok() || !id->has_value()) return {};
    AssetId asset_id = kNativeAsset;
    if (!asset.empty()) asset_id = ledger->FindAsset(*AccountKeyFromText(asset))->value();
    return ledger->ReadBalance(Holding::Balance(**id, asset_id))->value_or(BalanceInfo());
  }
  // "A>B 5, B>C 3", in the order of execution.
  std::string Order() const {
    std::vector<std::string> moves;
    EXPECT_TRUE(ledger
                    ->ScanMovements(
                        Position{0},
                        [&](const Movement& m) {
                          const auto name = [&](AddressId id) {
                            return id.IsNobody() ? "-" : NameOwner(*ledger, id)->text;
                          };
                          const std::string from = m.gives.empty() ? "-" : name(m.gives[0].owner);
                          moves.push_back(absl::StrCat(
                              from, m.kind == MovementKind::kFee ? "!" : ">",
                              m.kind == MovementKind::kFee ? "" : name(m.takes[0].owner), " ",
                              ToDecimal(m.takes[0].amount)));
                          return absl::OkStatus();
                        })
                    .ok());
    return absl::StrJoin(moves, ", ");
  }

  TestDir dir;
  TransferFormat format;
  TransferOptions options;
  std::unique_ptr<MemoryLedger> ledger;
  MemoryTable table;

 private:
  int files_ = 0;
};

TransferFormat HarmonyFormat() {
  TransferFormat format;
  format.columns = *ParseColumns(
      "time=Timestamp,block=Block,tx=Tx_hash,from=From,to=To,amount=Value_in_USD,"
      "from_label=From_label,to_label=To_label");
  format.decimals = 18;
  return format;
}

TEST(Transfers, TakeTheHarmonyCaseFromAColdStart) {
  SPOOR_REAL_DATA_OR_SKIP(file, "theft/harmony-2023/flows.csv");
  Transfers t(HarmonyFormat());
  std::map<std::string, std::string> labels;
  t.options.label = [&](const std::string&, absl::string_view address, absl::string_view label) {
    labels[std::string(address)] = std::string(label);
  };
  const auto report = t.Ingest({file});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->rows, 3887u);
  EXPECT_EQ(report->new_rows, 3887u);
  const LedgerTotals totals = t.ledger->tip()->totals;
  EXPECT_EQ(totals.transfers, 3887u);
  EXPECT_EQ(totals.transactions, 3348u);
  EXPECT_EQ(totals.addresses, 469u);
  // In dollars, as the file's own description has them: 34 is $21.07m and so on.
  std::map<std::string, Units> received;
  for (const auto& [address, label] : labels) {
    for (const absl::string_view name : {"HTX 34", "HTX 33", "Binance 14", "OKX 25"}) {
      if (label != name && !absl::StartsWith(label, absl::StrCat(name, " "))) continue;
      received[std::string(name)] += static_cast<Units>(t.Balance(address).received);
    }
  }
  const auto in_ten_thousands = [&](const std::string& name) {
    const Units unit = *UnitsFromPoint("10000", 18);
    return (received[name] + unit / 2) / unit;
  };
  EXPECT_EQ(in_ten_thousands("HTX 34"), 2107);
  EXPECT_EQ(in_ten_thousands("HTX 33"), 1962);
  EXPECT_EQ(in_ten_thousands("Binance 14"), 1409);
  EXPECT_EQ(in_ten_thousands("OKX 25"), 135);
  // Again: nothing is new.
  const std::string before = t.Dump();
  const auto again = t.Ingest({file});
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->new_rows, 0u);
  EXPECT_EQ(again->known_rows, 3887u);
  EXPECT_EQ(again->blocks_undone, 0u);
  EXPECT_EQ(t.Dump(), before);
}

TEST(Transfers, AreTheSameInParts) {
  SPOOR_REAL_DATA_OR_SKIP(file, "theft/harmony-2023/flows.csv");
  Transfers whole(HarmonyFormat());
  ASSERT_TRUE(whole.Ingest({file}).ok());
  // In two, plain and gzip, by transaction: equal rows stay in one file, where they are two.
  const std::string text = ReadTestFile(file);
  std::vector<std::string> lines = absl::StrSplit(text, '\n', absl::SkipEmpty());
  const std::string header = lines.front();
  std::vector<std::string> halves[2] = {{header}, {header}};
  for (size_t i = 1; i < lines.size(); ++i) {
    const std::vector<std::string> fields = absl::StrSplit(lines[i], ',');
    halves[fields[2].back() < '8' ? 0 : 1].push_back(lines[i]);
  }
  Transfers parts(HarmonyFormat());
  const std::string late = parts.dir.Write("late.csv.gz", Gzip(absl::StrJoin(halves[0], "\r\n")));
  const std::string early = parts.dir.Write("early.csv", absl::StrJoin(halves[1], "\n") + "\n");
  ASSERT_TRUE(parts.Ingest({late}).ok());
  const auto report = parts.Ingest({early, late});
  ASSERT_TRUE(report.ok()) << report.status();
  const LedgerTotals a = whole.ledger->tip()->totals;
  const LedgerTotals b = parts.ledger->tip()->totals;
  EXPECT_EQ(a.blocks, b.blocks);
  EXPECT_EQ(a.transfers, b.transfers);
  EXPECT_EQ(a.transactions, b.transactions);
  EXPECT_EQ(a.addresses, b.addresses);
}

TEST(Transfers, StandInTheOrderOfBlocksThenIndexThenFiles) {
  Transfers t;
  const auto report = t.IngestText(
      "time,block,tx,index,from,to,amount\n"
      "2023-01-02,12,t3,5,c,d,1\n"
      "2023-01-01,11,t2,4,b,c,2\n"
      "2023-01-01,11,t1,3,a,c,4\n"
      "2023-01-01,11,t2,1,a,b,3\n");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(t.Order(), "a>b 3, b>c 2, a>c 4, c>d 1");
}

TEST(Transfers, GoBackBehindTheTipForOlderRows) {
  const std::string header = "time,block,tx,from,to,amount\n";
  Transfers t;
  ASSERT_TRUE(t.IngestText(header + "2023-01-03,30,t3,b,c,5\n").ok());
  EXPECT_EQ(t.Balance("b").opening, 5);
  const auto report = t.IngestText(header + "2023-01-01,10,t1,a,b,7\n2023-01-04,40,t4,c,d,1\n");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->blocks_undone, 1u);
  EXPECT_EQ(report->blocks_added, 3u);
  EXPECT_EQ(t.Order(), "a>b 7, b>c 5, c>d 1");
  EXPECT_EQ(t.Balance("b").opening, 0);
  EXPECT_EQ(t.Balance("b").amount, 2);
}

TEST(Transfers, AreKnownAgainWhateverFileSaysThem) {
  const std::string header = "time,block,tx,from,to,amount\n";
  const std::string row = "2023-01-01,10,t1,a,b,7\n";
  Transfers t;
  // Without an index, equal rows of one file are a transfer each.
  auto report = t.IngestText(header + row + row);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->new_rows, 2u);
  report = t.IngestText(header + row);
  EXPECT_EQ(report->known_rows, 1u);
  EXPECT_EQ(t.Order(), "a>b 7, a>b 7");
  report = t.IngestText(header + row + row + row);
  EXPECT_EQ(report->new_rows, 1u);
  EXPECT_EQ(t.Order(), "a>b 7, a>b 7, a>b 7");
  // With one, they are the same transfer twice.
  Transfers indexed;
  const std::string with_index = "time,block,tx,from,to,amount,index\n";
  report = indexed.IngestText(with_index +
                              "2023-01-01,10,t1,a,b,7,0\n2023-01-01,10,t1,a,b,7,0\n"
                              "2023-01-01,10,t1,a,b,7,1\n");
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->repeated_rows, 1u);
  EXPECT_EQ(indexed.Order(), "a>b 7, a>b 7");
}

TEST(Transfers, PayFeesOnceAndMoveNothingWhenFailed) {
  Transfers t;
  const auto report = t.IngestText(
      "time,block,tx,from,to,amount,fee,status\n"
      "2023-01-01,10,t1,a,b,7,2,1\n"
      "2023-01-01,10,t1,b,c,3,2,1\n"
      "2023-01-01,11,t2,c,a,3,1,Error(0)\n");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->failed_rows, 1u);
  EXPECT_EQ(t.Order(), "a! 2, a>b 7, b>c 3, c! 1");
  EXPECT_EQ(t.Balance("a").opening, 9);
  EXPECT_EQ(t.Balance("c").amount, 2);
}

TEST(Transfers, KeepAssetsApartMintAndBurn) {
  constexpr absl::string_view kToken = "0xdAC17F958D2ee523a2206206994597C13D831ec7";
  Transfers t;
  t.format.decimals = 2;
  const auto report =
      t.IngestText(absl::StrCat("time,tx,from,to,asset,amount\n"
                                "1673642051,t1,0x0000000000000000000000000000000000000000,a,",
                                kToken,
                                ",\"1,000.50\"\n"
                                "1673642052,t2,a,b,usd,3\n"
                                "1673642053,t3,a,0x0000000000000000000000000000000000000000,",
                                kToken,
                                ",0.50\n"
                                "1673642053,t4,a,b,points,1e2\n"));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(t.Balance("a", std::string(kToken)).amount, 100000);
  EXPECT_EQ(t.Balance("a", std::string(kToken)).opening, 0);
  EXPECT_EQ(t.Balance("b").amount, 300);
  EXPECT_EQ(t.Balance("b", "points").amount, 10000);
  EXPECT_EQ(t.ledger->tip()->totals.assets, 2u);
  // Every second is a block where there are none.
  EXPECT_EQ(t.ledger->tip()->height, 1673642053u);
  EXPECT_EQ(t.ledger->tip()->totals.blocks, 3u);
}

TEST(Transfers, ReadEtherscansExport) {
  TransferFormat format;
  format.asset = "ETH";
  format.decimals = 18;
  format.columns = *ParseColumns(
      "time=UnixTimestamp,block=Blockno,tx=Transaction Hash,to=To|ContractAddress,"
      "amount=Value_IN(ETH)|Value_OUT(ETH),fee=TxnFee(ETH),status=Status");
  Transfers t(format);
  const std::string from = "0x098b716b8aaf21512996dc57eb0615e2383e2f96";
  const std::string to = "0x3cffd56b47b7b41c56258d9c7731abadc360e073";
  const std::string hash(64, '7');
  const auto report = t.IngestText(absl::StrCat(
      "\"Transaction Hash\",\"Blockno\",\"UnixTimestamp\",\"DateTime (UTC)\",\"From\",\"To\","
      "\"ContractAddress\",\"Value_IN(ETH)\",\"Value_OUT(ETH)\",\"CurrentValue @ $1838.02/Eth\","
      "\"TxnFee(ETH)\",\"TxnFee(USD)\",\"Historical "
      "$Price/Eth\",\"Status\",\"ErrCode\",\"Method\"\n"
      "\"0x",
      hash, "\",\"14442841\",\"1648018091\",\"2022-03-23 06:48:11\",\"", from, "\",\"", to,
      "\",\"\",\"0\",\"1.5\",\"2757.03\",\"0.000882\",\"1.62\",\"2971.92\",\"\",\"\",\"Transfer\"\n"
      "\"0x",
      std::string(64, '8'), "\",\"14442842\",\"1648018100\",\"2022-03-23 06:48:20\",\"", from,
      "\",\"\",\"", to,
      "\",\"0\",\"2\",\"1\",\"0.001\",\"1\",\"1\",\"Error(0)\","
      "\"Reverted\",\"0x60\"\n"));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->failed_rows, 1u);
  EXPECT_EQ(t.Balance(to).amount, *UnitsFromPoint("1.5", 18));
  EXPECT_EQ(t.Balance(from).opening, *UnitsFromPoint("1.501882", 18));
  EXPECT_EQ(t.ledger->FindTransaction(*TxidFromText(t.ledger->chain(), "0x" + hash))->size(), 2u);
}

TEST(Transfers, RefuseWhatCannotBeAndSayWhere) {
  const std::string header = "time,block,tx,from,to,amount\n";
  const std::string good = "2023-01-01,10,t1,a,b,7\n";
  struct Case {
    const char* name;
    std::string text;
    const char* says;
  };
  for (const Case& c : {
           Case{"empty", "", "is empty"},
           Case{"no column", "time,block,tx,from,to\n", "wanted amount"},
           Case{"a bad time", header + good + "yesterday,10,t1,a,b,7\n",
                "line 3, column time: found \"yesterday\""},
           Case{"no such day", header + "2023-02-29,10,t1,a,b,7\n", "column time"},
           Case{"no such hour", header + "2023-02-28 24:00:00,10,t1,a,b,7\n", "column time"},
           Case{"before 1970", header + "1969-12-31,10,t1,a,b,7\n", "column time"},
           Case{"a negative amount", header + "2023-01-01,10,t1,a,b,-7\n",
                "line 2, column amount: found \"-7\""},
           Case{"hex", header + "2023-01-01,10,t1,a,b,0x7\n", "column amount"},
           Case{"not a number", header + "2023-01-01,10,t1,a,b,NaN\n", "column amount"},
           Case{"no amount", header + "2023-01-01,10,t1,a,b,\n", "column amount: found nothing"},
           Case{"too exact", header + "2023-01-01,10,t1,a,b,7.5\n", "at most 0 digits"},
           Case{"100,000 digits",
                header + "2023-01-01,10,t1,a,b," + std::string(100000, '9') + "\n",
                "column amount"},
           Case{"more than 256 bits",
                header + "2023-01-01,10,t1,a,b,1" + std::string(78, '0') + "\n", "256 bits"},
           Case{"a large exponent", header + "2023-01-01,10,t1,a,b,1e99999999\n", "column amount"},
           Case{"bad thousands", header + "2023-01-01,10,t1,a,b,\"1,50\"\n", "column amount"},
           Case{"a block in hex", header + "2023-01-01,0xa,t1,a,b,7\n", "column block"},
           Case{"a huge block", header + "2023-01-01,4294967296,t1,a,b,7\n", "column block"},
           Case{"nobody pays", header + "2023-01-01,10,t1,,b,7\n", "column from"},
           Case{"no transaction", header + "2023-01-01,10,,a,b,7\n", "column tx"},
           Case{"no UTF-8", header + "2023-01-01,10,t1,a\xff,b,7\n", "UTF-8"},
           Case{"a wrong checksum",
                header + "2023-01-01,10,t1,0xDAC17F958D2ee523a2206206994597C13D831ec7,b,7\n",
                "checksum"},
           Case{"too few fields", header + "2023-01-01,10,t1,a,b\n", "found 5 fields"},
           Case{"too many fields", header + "2023-01-01,10,t1,a,b,7,8\n", "found 7 fields"},
           Case{"an open quote", header + "2023-01-01,10,\"t1,a,b,7\n" + good, "quote"},
           Case{"a NUL", header + std::string("2023-01-01,10,t1,a\0b,b,7\n", 25), "NUL"},
       }) {
    SCOPED_TRACE(c.name);
    Transfers t;
    ASSERT_TRUE(t.IngestText(header + good).ok());
    const std::string before = t.Dump();
    const auto report = t.IngestText(c.text);
    EXPECT_FALSE(report.ok());
    EXPECT_TRUE(absl::StrContains(report.status().message(), c.says)) << report.status();
    EXPECT_EQ(absl::IsInvalidArgument(report.status()), c.name == std::string("no column"));
    EXPECT_LT(report.status().message().size(), 1000u);
    EXPECT_EQ(t.Dump(), before);
    const auto again = t.IngestText(header + good);
    EXPECT_TRUE(again.ok() && again->known_rows == 1);
  }
}

TEST(Transfers, RefuseCompressedFilesThatAreCutOrDamaged) {
  std::string text = "time,block,tx,from,to,amount\n";
  for (int i = 0; i < 500; ++i) absl::StrAppend(&text, "2023-01-01,", i, ",t", i, ",a,b,", i, "\n");
  const std::string whole = Gzip(text);
  Transfers t;
  for (size_t cut = 20; cut < whole.size(); cut += whole.size() / 17) {
    SCOPED_TRACE(cut);
    const auto report =
        t.Ingest({t.dir.Write("cut.csv.gz", absl::string_view(whole).substr(0, cut))});
    EXPECT_FALSE(report.ok());
    EXPECT_FALSE(t.ledger->tip().has_value());
  }
  std::string damaged = whole;
  damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 0x55);
  EXPECT_FALSE(t.Ingest({t.dir.Write("damaged.csv.gz", damaged)}).ok());
  EXPECT_TRUE(t.Ingest({t.dir.Write("whole.csv.gz", whole)}).ok());
  EXPECT_EQ(t.ledger->tip()->totals.transfers, 500u);
}

TEST(Transfers, EndAtALineWithoutEnd) {
  // A megabyte that is a gigabyte.
  const std::string zeros = Gzip(std::string(LineFile::kLongestLine + (1 << 20), 'x'));
  Transfers t;
  const auto report = t.Ingest({t.dir.Write("bomb.csv.gz", zeros)});
  EXPECT_TRUE(absl::StrContains(report.status().message(), "line 1 has more than"))
      << report.status();
}

// A ledger and its table that fail, once so many changes have been made to either, and then not
// again until they are told to.
class Failing : public MemoryLedger, public LedgerTable {
 public:
  explicit Failing(const ChainInfo& chain) : MemoryLedger(chain) {}

  int changes_left = 1 << 30;

  absl::Status Append(const NewBlock& block) override {
    SPOOR_RETURN_IF_ERROR(Change());
    return MemoryLedger::Append(block);
  }
  absl::Status UndoTip() override {
    SPOOR_RETURN_IF_ERROR(Change());
    return MemoryLedger::UndoTip();
  }
  absl::Status Write(absl::Span<const LedgerTable::Change> changes) override {
    SPOOR_RETURN_IF_ERROR(Change());
    return rows_.Write(changes);
  }
  absl::Status Read(absl::Span<const std::string> keys,
                    std::vector<std::optional<std::string>>* values) const override {
    return rows_.Read(keys, values);
  }
  absl::Status Scan(
      absl::string_view prefix, absl::string_view from,
      absl::FunctionRef<absl::Status(absl::string_view, absl::string_view)> visit) const override {
    return rows_.Scan(prefix, from, visit);
  }

 private:
  absl::Status Change() {
    return changes_left-- > 0 ? absl::OkStatus() : absl::UnavailableError("the power is gone");
  }

  MemoryTable rows_;
};

TEST(Transfers, GoOnAfterBeingCutOffAnywhere) {
  const std::string header = "time,block,tx,from,to,amount\n";
  std::string early = header;
  std::string late = header;
  for (int i = 0; i < 20; ++i) {
    absl::StrAppend(i % 3 == 0 ? &late : &early, "2023-01-01,", i, ",t", i, ",a,b,", i + 1, "\n");
  }
  Transfers whole;
  ASSERT_TRUE(whole.IngestText(late).ok());
  ASSERT_TRUE(whole.IngestText(early).ok());
  const std::string first = whole.dir.Write("late.csv", late);
  const std::string second = whole.dir.Write("early.csv", early);
  int cuts = 0;
  for (bool done = false; !done; ++cuts) {
    SCOPED_TRACE(cuts);
    Failing ledger(whole.ledger->chain());
    ASSERT_TRUE(IngestTransfers({first}, whole.format, &ledger, &ledger, {}).ok());
    ledger.changes_left = cuts;
    done = IngestTransfers({second}, whole.format, &ledger, &ledger, {}).ok();
    ledger.changes_left = 1 << 30;
    const auto report = IngestTransfers({second}, whole.format, &ledger, &ledger, {});
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(*DumpLedger(ledger), whole.Dump());
  }
  // Rows, 7 blocks taken back or so, 20 added, and that it is done.
  EXPECT_GT(cuts, 25);
}

// Whatever the order of rows and however they are cut into files and calls, balances are those of
// adding up, and where there is one order of rows the ledger is the same.
TEST(Transfers, AddUpInAnyOrder) {
  std::mt19937_64 rng(/*seed=*/20260107);
  for (int round = 0; round < 20; ++round) {
    SCOPED_TRACE(round);
    std::vector<std::string> rows;
    std::map<std::string, int64_t> sums;
    for (int i = 0; i < 200; ++i) {
      const std::string from(1, static_cast<char>('a' + rng() % 6));
      const std::string to(1, static_cast<char>('a' + rng() % 6));
      const auto amount = static_cast<int64_t>(rng() % 1000);
      sums[from] -= amount;
      sums[to] += amount;
      rows.push_back(absl::StrCat("2023-01-01,", rng() % 40, ",t", rng() % 90, ",", i, ",", from,
                                  ",", to, ",", amount));
    }
    const std::string header = "time,block,tx,index,from,to,amount\n";
    Transfers once;
    ASSERT_TRUE(once.IngestText(header + absl::StrJoin(rows, "\n")).ok());
    std::shuffle(rows.begin(), rows.end(), rng);
    Transfers parts;
    for (size_t begin = 0; begin < rows.size();) {
      const size_t end = std::min(rows.size(), begin + 1 + rng() % 90);
      // Some of what came before comes again.
      const size_t from = begin - std::min<size_t>(begin, rng() % 20);
      ASSERT_TRUE(
          parts
              .IngestText(header + absl::StrJoin(rows.begin() + static_cast<long>(from),
                                                 rows.begin() + static_cast<long>(end), "\n"))
              .ok());
      begin = end;
    }
    EXPECT_EQ(once.Order(), parts.Order());
    for (const auto& [account, sum] : sums) {
      const BalanceInfo balance = parts.Balance(account);
      EXPECT_EQ(static_cast<int64_t>(balance.amount) - static_cast<int64_t>(balance.opening), sum)
          << account;
    }
  }
}

}  // namespace
}  // namespace spoor
