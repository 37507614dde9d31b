// Exports and raw blocks of Ethereum into a ledger: real ones, whose counts are known, and ones
// made here, whose every balance is.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "spoor/base/status_macros.h"
#include "spoor/ingest/ethereum.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/ledger/names.h"
#include "tests/real_data.h"
#include "tests/support/dump_ledger.h"
#include "tests/support/files.h"

namespace spoor {
namespace {

constexpr absl::string_view kWeth = "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2";
// Of Transfer(address,address,uint256), Deposit(address,uint256) and Withdrawal.
constexpr absl::string_view kTransfer =
    "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";
constexpr absl::string_view kDeposit =
    "0xe1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c";

std::string Address(int n) {
  return absl::StrCat("0x", absl::Hex(n, absl::kZeroPad16), std::string(24, 'a'));
}
std::string Hash(int64_t n) {
  return absl::StrCat("0x", absl::Hex(n, absl::kZeroPad16), std::string(48, 'b'));
}
std::string Word(int n) {
  return absl::StrCat("0x", std::string(48, '0'), absl::Hex(n, absl::kZeroPad16));
}
std::string Topic(const std::string& address) {
  return absl::StrCat("0x", std::string(24, '0'), address.substr(2));
}

class Ledger {
 public:
  explicit Ledger(const std::string& chain = "ethereum")
      : ledger(EthereumChainInfo(chain, "ETH")) {}

  absl::StatusOr<EthereumReport> Ingest(const std::string& dir) {
    SPOOR_ASSIGN_OR_RETURN(const ethereum::EtlFiles files, ethereum::FindEtlFiles(dir));
    return IngestEtl(files, &ledger, options);
  }
  std::string Dump() const {
    const auto dump = DumpLedger(ledger);
    EXPECT_TRUE(dump.ok()) << dump.status();
    return dump.ok() ? *dump : "";
  }
  // What came in less what went out.
  int64_t Net(const std::string& account, absl::string_view asset = "") const {
    const auto id = ledger.FindAddress(*AccountKeyFromText(account));
    if (!id.ok() || !id->has_value()) return 0;
    AssetId asset_id = kNativeAsset;
    if (!asset.empty()) {
      const auto found = ledger.FindAsset(*AccountKeyFromText(asset));
      if (!found.ok() || !found->has_value()) return 0;
      asset_id = **found;
    }
    const auto balance = ledger.ReadBalance(Holding::Balance(**id, asset_id));
    if (!balance.ok() || !balance->has_value()) return 0;
    return static_cast<int64_t>((*balance)->amount) - static_cast<int64_t>((*balance)->opening);
  }

  MemoryLedger ledger;
  EthereumOptions options;
};

TEST(EtlOfMainnet, GivesTheCountsThatAreKnown) {
  SPOOR_REAL_DATA_OR_SKIP(dir, "ethereum/etl-17173049-17173050");
  Ledger l;
  const auto report = l.Ingest(dir);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->blocks_added, 2u);
  EXPECT_EQ(report->transactions, 298u);
  EXPECT_EQ(report->failed_transactions, 9u);
  // And one of ERC-1155, which the exporter does not know.
  EXPECT_EQ(report->token_transfers, 291u + 1u);
  EXPECT_EQ(report->without_traces, 298u);
  EXPECT_EQ(report->without_receipt, 0u);
  EXPECT_EQ(report->success_unknown, 0u);
  const BlockInfo tip = *l.ledger.tip();
  EXPECT_EQ(tip.totals.blocks, 2u);
  EXPECT_EQ(tip.totals.transactions, 298u);
  EXPECT_EQ(tip.height, 17173050u);
  EXPECT_EQ(tip.time, 1683030011);
  // Again, and from CSV with the same blocks: nothing is new.
  const std::string before = l.Dump();
  const auto again = l.Ingest(dir);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->blocks_known, 2u);
  EXPECT_EQ(again->blocks_added, 0u);
  EXPECT_EQ(l.Dump(), before);
}

TEST(EtlOfMainnet, IsTheSameFromLogsAsFromTokenTransfers) {
  SPOOR_REAL_DATA_OR_SKIP(dir, "ethereum/etl-17173049-17173050");
  // The exporter's own tokens against ours, asset by asset and account by account; NFTs, which it
  // does not tell from tokens, apart.
  std::map<std::string, std::string> from_logs, from_transfers;
  for (const bool logs : {true, false}) {
    const auto reader = ethereum::EtlReader::Open(
        logs ? ethereum::EtlKind::kLogs : ethereum::EtlKind::kTokenTransfers,
        dir + (logs ? "/logs.json" : "/token_transfers.json"));
    ASSERT_TRUE(reader.ok());
    ethereum::EtlRow row;
    int rows = 0;
    for (;; ++rows) {
      const auto more = (*reader)->Next(&row);
      ASSERT_TRUE(more.ok()) << more.status();
      if (!*more) break;
      for (const ethereum::TokenEvent& event : row.tokens) {
        if (event.kind != ethereum::TokenEvent::Kind::kTransfer) continue;
        const Units said = event.id.value_or(event.amount);
        (logs ? from_logs : from_transfers)[absl::StrCat(row.block, " ", event.log_index)] =
            absl::StrCat(ToText(event.tx), ToHex(event.token), ToHex(event.from), ToHex(event.to),
                         ToDecimal(said));
      }
    }
    EXPECT_EQ(rows, logs ? 681 : 291);
  }
  EXPECT_EQ(from_transfers.size(), 291u);
  const size_t all = from_logs.size();
  for (auto it = from_logs.begin(); it != from_logs.end();) {
    it = from_transfers.contains(it->first) ? std::next(it) : from_logs.erase(it);
  }
  // But for one of ERC-1155, which the exporter does not know.
  EXPECT_EQ(all - from_logs.size(), 1u);
  EXPECT_TRUE(from_logs == from_transfers);
}

TEST(EtlOfMainnet, BurnsBaseFeesAndPaysOutWithdrawals) {
  SPOOR_REAL_DATA_OR_SKIP(dir, "ethereum/etl-17173049-17173050");
  Ledger l;
  ASSERT_TRUE(l.Ingest(dir).ok());
  // gas_used of the two blocks times their base fees.
  Units burned = 0;
  Units withdrawn = 0;
  Units fees = 0;
  Units rewards = 0;
  ASSERT_TRUE(l.ledger
                  .ScanMovements(Position{0},
                                 [&](const Movement& m) {
                                   if (m.kind == MovementKind::kFee) {
                                     for (const Take& take : m.takes) {
                                       if (take.kind == TakerKind::kBurned) burned += take.amount;
                                       if (take.kind == TakerKind::kFee) fees += take.amount;
                                     }
                                   }
                                   if (m.kind == MovementKind::kReward) {
                                     // Withdrawals are whole gwei; so much of fees is unlikely.
                                     if (m.minted % 1'000'000'000 == 0) withdrawn += m.minted;
                                     rewards += m.minted;
                                   }
                                   return absl::OkStatus();
                                 })
                  .ok());
  const auto blocks = ethereum::EtlReader::Open(ethereum::EtlKind::kBlocks, dir + "/blocks.json");
  ethereum::EtlRow row;
  Units base = 0;
  Units gwei = 0;
  const std::vector<uint64_t> gas_used = {9755040, 0};
  while (*(*blocks)->Next(&row)) {
    for (const auto& w : row.header.withdrawals) gwei += w.gwei;
    if (row.block == 17173049) base = *row.header.base_fee;
  }
  EXPECT_GT(burned, base * gas_used[0]);
  EXPECT_EQ(withdrawn, gwei * 1'000'000'000);
  // What is not burned of fees is what their recipients get.
  EXPECT_EQ(rewards, withdrawn + fees);
}

TEST(EtlOfMainnet, ReadsCsvToo) {
  SPOOR_REAL_DATA_OR_SKIP(csv, "ethereum/etl-csv");
  const std::string json = csv + "/../etl-17173049-17173050";
  TestDir dir;
  for (const char* name : {"blocks", "transactions"}) {
    const std::string text = ReadTestFile(absl::StrCat(csv, "/expected_", name, ".csv"));
    dir.Write(absl::StrCat("export/", name, "_17173049_17173050.csv.gz"), Gzip(text));
  }
  Ledger l;
  const auto report = l.Ingest(dir.path());
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->transactions, 298u);
  EXPECT_EQ(report->without_receipt, 298u);
  EXPECT_EQ(report->without_logs, 2u);
  // The same headers as from JSON.
  for (const auto kind : {ethereum::EtlKind::kBlocks, ethereum::EtlKind::kTransactions}) {
    const char* name = ethereum::EtlKindName(kind);
    const auto a = ethereum::EtlReader::Open(kind, absl::StrCat(csv, "/expected_", name, ".csv"));
    const auto b = ethereum::EtlReader::Open(kind, absl::StrCat(json, "/", name, ".json"));
    ethereum::EtlRow x, y;
    std::map<uint64_t, ethereum::BlockHeader> headers;
    std::map<std::string, ethereum::Transaction> transactions;
    while (*(*a)->Next(&x)) {
      headers[x.block] = x.header;
      transactions[ToText(x.transaction.hash)] = x.transaction;
    }
    while (*(*b)->Next(&y)) {
      EXPECT_EQ(headers[y.block], y.header);
      EXPECT_EQ(transactions[ToText(y.transaction.hash)], y.transaction);
    }
  }
}

TEST(RawBlocksOfMainnet, HaveSendersThatAgreeWithTheChain) {
  SPOOR_REAL_DATA_OR_SKIP(file, "ethereum/rlp-3510000-3510010/blocks.rlp");
  Ledger l;
  const auto report = IngestRlp(file, &l.ledger, l.options);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->blocks_added, 11u);
  EXPECT_EQ(report->transactions, 212u);
  EXPECT_EQ(report->without_receipt, 212u);
  EXPECT_EQ(report->success_unknown, 212u);
  // That each block names its parent by hash says that the headers were read right.
  EXPECT_EQ(l.ledger.tip()->height, 3510010u);
  EXPECT_EQ(report->gaps, 0u);
  const auto again = IngestRlp(file, &l.ledger, l.options);
  EXPECT_EQ(again->blocks_known, 11u);
  // Cut anywhere, the blocks before the cut are there.
  const std::string bytes = ReadTestFile(file);
  TestDir dir;
  for (size_t cut = 1; cut < bytes.size(); cut += 1777) {
    Ledger part;
    const auto status = IngestRlp(dir.Write("cut.rlp", absl::string_view(bytes).substr(0, cut)),
                                  &part.ledger, part.options);
    EXPECT_FALSE(status.ok());
    EXPECT_TRUE(absl::IsDataLoss(status.status())) << status.status();
  }
}

// An export made here.
struct Export {
  TestDir dir;
  std::vector<std::string> blocks, transactions, traces, logs, token_transfers;

  void Block(int number, int transactions_in_it, const std::string& more = "") {
    blocks.push_back(absl::StrCat(
        R"({"type":"block","number":)", number, R"(,"hash":")", Hash(number),
        R"(","parent_hash":")", Hash(number - 1), R"(","miner":")", Address(99),
        R"(","timestamp":)", 1700000000 + number, R"(,"base_fee_per_gas":2,"transaction_count":)",
        transactions_in_it, more, "}"));
  }
  void Transaction(int block, int index, int from, int to, int64_t value, int status = 1) {
    transactions.push_back(absl::StrCat(
        R"({"type":"transaction","hash":")", Hash(int64_t{1000} * block + index), R"(","nonce":0,)",
        R"("transaction_index":)", index, R"(,"from_address":")", Address(from),
        R"(","to_address":")", Address(to), R"(","value":)", value, R"(,"gas":9,"gas_price":5,)",
        R"("input":"0x","block_number":)", block, R"(,"receipt_gas_used":7,"receipt_status":)",
        status, R"(,"receipt_effective_gas_price":5})"));
  }
  void Trace(int block, int index, const std::string& path, int from, int to, int64_t value,
             const std::string& type = "call", const std::string& more = "") {
    traces.push_back(absl::StrCat(
        R"({"type":"trace","transaction_index":)", index, R"(,"from_address":")", Address(from),
        R"(","to_address":")", Address(to), R"(","value":)", value, R"(,"trace_type":")", type,
        R"(","trace_address":[)", path, R"(],"block_number":)", block, more, "}"));
  }
  void Log(int block, int index, int log_index, const std::string& contract,
           const std::vector<std::string>& topics, const std::string& data) {
    logs.push_back(absl::StrCat(
        R"({"log_index":)", log_index, R"(,"transaction_hash":")",
        Hash(int64_t{1000} * block + index), R"(","address":")", contract, R"(","data":")", data,
        R"(","topics":[")", absl::StrJoin(topics, R"(", ")"), R"("],"block_number":)", block, "}"));
  }
  std::string Write() {
    const auto write = [&](const char* name, const std::vector<std::string>& rows) {
      if (!rows.empty()) dir.Write(absl::StrCat(name, ".json"), absl::StrJoin(rows, "\n") + "\n");
    };
    write("blocks", blocks);
    write("transactions", transactions);
    write("traces", traces);
    write("logs", logs);
    write("token_transfers", token_transfers);
    return dir.path();
  }
};

TEST(Etl, MovesWhatExecutionMoved) {
  Export e;
  // 1 calls 2, which pays 3, fails to pay 4, and is destroyed in favour of 5.
  e.Block(7, 2);
  e.Transaction(7, 0, 1, 2, 100);
  e.Trace(7, 0, "", 1, 2, 100, "call", R"(,"call_type":"call")");
  e.Trace(7, 0, "1,0", 6, 4, 40, "call", R"(,"call_type":"call")");
  e.Trace(7, 0, "0", 2, 3, 30, "call", R"(,"call_type":"call")");
  e.Trace(7, 0, "1", 2, 6, 50, "call", R"(,"call_type":"call","error":"Reverted")");
  e.Trace(7, 0, "2", 2, 8, 100, "call", R"(,"call_type":"delegatecall")");
  e.Trace(7, 0, "3", 2, 5, 70, "suicide");
  // A failed one pays its fee and nothing else.
  e.Transaction(7, 1, 9, 2, 1000, 0);
  e.Trace(7, 1, "", 9, 2, 1000, "call", R"(,"call_type":"call","error":"Out of gas")");
  Ledger l("test");
  const auto report = l.Ingest(e.Write());
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->failed_transactions, 1u);
  EXPECT_EQ(report->without_traces, 0u);
  EXPECT_EQ(l.Net(Address(1)), -100 - 35);
  EXPECT_EQ(l.Net(Address(2)), 0);
  EXPECT_EQ(l.Net(Address(3)), 30);
  EXPECT_EQ(l.Net(Address(4)), 0);
  EXPECT_EQ(l.Net(Address(5)), 70);
  EXPECT_EQ(l.Net(Address(6)), 0);
  EXPECT_EQ(l.Net(Address(8)), 0);
  EXPECT_EQ(l.Net(Address(9)), -35);
  // Of two fees of 7 gas at 5, at a base fee of 2.
  EXPECT_EQ(l.Net(Address(99)), 2 * 7 * 3);
  EXPECT_EQ(l.ledger.tip()->totals.transactions, 2u);
}

TEST(Etl, CreditsFeesBeforeTheirRecipientPays) {
  Export e;
  e.Block(7, 2);
  e.Transaction(7, 0, 1, 2, 100);
  // The builder pays all it earned just before, less its own fee.
  e.Transaction(7, 1, 99, 3, 0);
  e.transactions.back() = absl::StrReplaceAll(
      e.transactions.back(),
      {{R"("receipt_gas_used":7)", R"("receipt_gas_used":1)"}, {R"("value":0)", R"("value":16)"}});
  Ledger l("test");
  const auto report = l.Ingest(e.Write());
  ASSERT_TRUE(report.ok()) << report.status();
  const auto builder = l.ledger.FindAddress(*AccountKeyFromText(Address(99)));
  const auto balance = l.ledger.ReadBalance(Holding::Balance(**builder, kNativeAsset));
  EXPECT_EQ((*balance)->opening, 0);
  EXPECT_EQ((*balance)->amount, 3);
}

TEST(Etl, ReadsTokensWrapsAndNfts) {
  Export e;
  const std::string token = Address(500);
  const std::string nft = Address(600);
  e.Block(7, 1);
  e.Transaction(7, 0, 1, 500, 100);
  e.Trace(7, 0, "", 1, 500, 100, "call", R"(,"call_type":"call")");
  e.Trace(7, 0, "0", 500, 700, 25, "call", R"(,"call_type":"call")");
  // Made, as many as coins came in; the same event of coins that did not.
  e.Log(7, 0, 1, token, {std::string(kDeposit), Topic(Address(1))}, Word(100));
  e.Log(7, 0, 2, token, {std::string(kDeposit), Topic(Address(1))}, Word(77));
  e.Log(7, 0, 3, token, {std::string(kTransfer), Topic(Address(1)), Topic(Address(2))}, Word(60));
  e.Log(7, 0, 4, nft, {std::string(kTransfer), Topic(Address(1)), Topic(Address(2)), Word(31337)},
        "0x");
  e.Log(7, 0, 5, token, {std::string(kTransfer), Topic(Address(1)), Word(0)}, Word(5));
  e.Log(7, 0, 6, token, {std::string(kTransfer), Topic(Address(1))}, "0x12");
  Ledger l("test");
  const auto report = l.Ingest(e.Write());
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(l.Net(Address(1), token), 100 - 60 - 5);
  EXPECT_EQ(l.Net(Address(2), token), 60);
  EXPECT_EQ(l.Net(Address(2), absl::StrCat(nft, ":31337")), 1);
  EXPECT_EQ(l.Net(Address(700)), 25);
}

TEST(Etl, TellsOfWethWithoutTraces) {
  Export e;
  e.Block(17'000'000, 1);
  e.Transaction(17'000'000, 0, 1, 2, 100);
  e.Log(17'000'000, 0, 1, std::string(kWeth), {std::string(kDeposit), Topic(Address(2))},
        Word(100));
  Ledger l;
  ASSERT_TRUE(l.Ingest(e.Write()).ok());
  EXPECT_EQ(l.Net(Address(2)), 0);
  EXPECT_EQ(l.Net(std::string(kWeth)), 100);
  EXPECT_EQ(l.Net(Address(2), kWeth), 100);
}

TEST(Etl, RewardsMinersByTheSchedule) {
  struct Case {
    int number;
    int64_t reward;
  };
  for (const Case& c : {Case{1, 5}, Case{4'369'999, 5}, Case{4'370'000, 3}, Case{7'279'999, 3},
                        Case{7'280'000, 2}, Case{15'537'393, 2}, Case{15'537'394, 0}}) {
    Export e;
    e.Block(c.number, 0);
    Ledger l;
    ASSERT_TRUE(l.Ingest(e.Write()).ok());
    EXPECT_EQ(l.Net(Address(99)), c.reward * 1'000'000'000'000'000'000) << c.number;
  }
}

TEST(Etl, TakesGapsNewBlocksAndOtherBranches) {
  Export e;
  e.Block(7, 1);
  e.Transaction(7, 0, 1, 2, 100);
  Ledger l("test");
  ASSERT_TRUE(l.Ingest(e.Write()).ok());
  const std::string seven = l.Dump();
  e.Block(9, 1);
  e.Transaction(9, 0, 2, 3, 60);
  e.Block(5, 0);
  auto report = l.Ingest(e.Write());
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->blocks_known, 1u);
  EXPECT_EQ(report->blocks_added, 1u);
  EXPECT_EQ(report->blocks_too_early, 1u);
  EXPECT_EQ(report->gaps, 1u);
  EXPECT_EQ(l.Net(Address(3)), 60);
  // Another block 9, and one more.
  Export other;
  other.Block(7, 1);
  other.Transaction(7, 0, 1, 2, 100);
  other.Block(9, 0);
  other.blocks.back() = absl::StrReplaceAll(other.blocks.back(), {{Hash(9), Hash(900)}});
  report = l.Ingest(other.Write());
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->blocks_undone, 1u);
  EXPECT_EQ(l.Net(Address(3)), 0);
  // A shorter branch is not believed.
  Export shorter;
  shorter.Block(7, 0);
  shorter.blocks.back() = absl::StrReplaceAll(shorter.blocks.back(), {{Hash(7), Hash(700)}});
  const std::string before = l.Dump();
  EXPECT_TRUE(absl::IsFailedPrecondition(l.Ingest(shorter.Write()).status()));
  EXPECT_EQ(l.Dump(), before);
}

TEST(Etl, SortsInLittleMemory) {
  Export e;
  Export one;
  for (int n = 400; n >= 100; --n) {
    for (Export* x : {&e, &one}) {
      x->Block(n, 2);
      x->Transaction(n, 1, n % 7, n % 5 + 10, n);
      x->Transaction(n, 0, n % 3, n % 11 + 20, n);
      for (int i = 0; i < 20; ++i) {
        x->Log(n, i % 2, i, Address(500 + n % 4),
               {std::string(kTransfer), Topic(Address(n % 9)), Topic(Address(i))}, Word(i));
      }
    }
  }
  Ledger large("test");
  ASSERT_TRUE(large.Ingest(one.Write()).ok());
  Ledger small("test");
  small.options.memory = 4 << 20;  // the sorter takes a quarter
  const auto report = small.Ingest(e.Write());
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(small.Dump(), large.Dump());
  EXPECT_EQ(small.ledger.tip()->totals.transfers, large.ledger.tip()->totals.transfers);
}

TEST(Etl, RefusesWhatCannotBeAndSaysWhere) {
  const std::string huge(100000, '9');
  struct Case {
    const char* name;
    std::function<void(Export*)> spoil;
    const char* says;
  };
  const auto replace = [](std::string* row, const std::string& what, const std::string& by) {
    ASSERT_TRUE(absl::StrContains(*row, what)) << *row;
    *row = absl::StrReplaceAll(*row, {{what, by}});
  };
  for (const Case& c : {
           Case{"100,000 digits",
                [&](Export* e) {
                  replace(&e->transactions[0], "\"value\":100", "\"value\":" + huge);
                },
                "transactions.json: line 1, value: "},
           Case{"negative",
                [&](Export* e) { replace(&e->transactions[0], "\"value\":100", "\"value\":-100"); },
                "line 1, value: found \"-100\""},
           Case{"hex",
                [&](Export* e) {
                  replace(&e->transactions[0], "\"value\":100", "\"value\":\"0x64\"");
                },
                "line 1, value: found \"0x64\""},
           Case{"a float",
                [&](Export* e) { replace(&e->transactions[0], "\"value\":100", "\"value\":1e2"); },
                "value: found \"1e2\""},
           Case{"no value",
                [&](Export* e) { replace(&e->transactions[0], "\"value\":100", "\"value\":null"); },
                "value: found nothing"},
           Case{"a short hash",
                [&](Export* e) { replace(&e->transactions[0], Hash(7000), "0x12"); },
                "hash: found \"0x12\""},
           Case{"broken UTF-8",
                [&](Export* e) { replace(&e->transactions[0], "\"0x\"", "\"\xc3\x28\""); },
                "transactions.json: line 1: found no JSON"},
           Case{"half a row", [&](Export* e) { e->transactions[0].resize(100); }, "line 1"},
           Case{"no object", [&](Export* e) { e->transactions[0] = "[1,2]"; },
                "line 1: found no JSON object"},
           Case{"two on a line", [&](Export* e) { e->transactions[0] += e->transactions[0]; },
                "line 1: found no JSON object"},
           Case{"a transaction missing", [&](Export* e) { e->transactions.pop_back(); },
                "block 7: found 1 of its transactions, wanted 2"},
           Case{"a transaction twice, and not the same",
                [&](Export* e) { e->Transaction(7, 1, 5, 5, 5); },
                "block 7: found two transactions"},
           Case{"a log of no transaction",
                [&](Export* e) {
                  e->Log(7, 5, 9, Address(500),
                         {std::string(kTransfer), Topic(Address(1)), Topic(Address(2))}, Word(1));
                },
                "found a log of transaction"},
           Case{"two logs with one number",
                [&](Export* e) {
                  e->Log(7, 0, 1, Address(500),
                         {std::string(kTransfer), Topic(Address(1)), Topic(Address(2))}, Word(2));
                },
                "logs with one index"},
           Case{"topics that are none",
                [&](Export* e) { replace(&e->logs[0], std::string(kTransfer), "0xdd"); }, "topics"},
           Case{"a trace of no transaction", [&](Export* e) { e->Trace(7, 9, "", 1, 2, 3); },
                "found a trace of transaction 9"},
           Case{"a price past 256 bits",
                [&](Export* e) {
                  replace(&e->transactions[0], "\"receipt_effective_gas_price\":5",
                          "\"receipt_effective_gas_price\":1" + std::string(77, '0'));
                },
                "gas price"},
           Case{"two blocks of one number",
                [&](Export* e) {
                  e->Block(7, 2, R"(,"size":1)");
                  replace(&e->blocks.back(), Hash(7), Hash(70));
                },
                "block 7: found two rows"},
       }) {
    SCOPED_TRACE(c.name);
    Export e;
    e.Block(7, 2);
    e.Transaction(7, 0, 1, 2, 100);
    e.Transaction(7, 1, 2, 3, 40);
    e.Log(7, 0, 1, Address(500), {std::string(kTransfer), Topic(Address(1)), Topic(Address(2))},
          Word(1));
    c.spoil(&e);
    Ledger l("test");
    const auto report = l.Ingest(e.Write());
    EXPECT_TRUE(absl::IsDataLoss(report.status())) << report.status();
    EXPECT_TRUE(absl::StrContains(report.status().message(), c.says)) << report.status();
    EXPECT_LT(report.status().message().size(), 1000u);
    EXPECT_FALSE(l.ledger.tip().has_value());
  }
}

TEST(Etl, RefusesTheSameInCsv) {
  const std::string header =
      "block_number,hash,transaction_index,from_address,to_address,value,nonce,gas\n";
  const auto row = [](const std::string& block, const std::string& from, const std::string& value,
                      const std::string& rest) {
    return absl::StrCat(block, ",", Hash(7000), ",0,", from, ",", Address(2), ",", value, rest);
  };
  const std::string good = row("7", Address(1), "100", ",3,21000\n");
  struct Case {
    const char* name;
    std::string text;
    const char* says;  // null: it is good
  };
  for (const Case& c : {
           Case{"good", header + good, nullptr},
           Case{"100,000 digits",
                header + row("7", Address(1), std::string(100000, '9'), ",3,21000\n"),
                "line 2, value: "},
           Case{"negative", header + row("7", Address(1), "-100", ",3,21000\n"),
                "line 2, value: found \"-100\""},
           Case{"hex", header + row("7", Address(1), "0x64", ",3,21000\n"),
                "line 2, value: found \"0x64\""},
           Case{"a hexadecimal block", header + row("0x7", Address(1), "1", ",3,21000\n"),
                "line 2, block_number: found \"0x7\""},
           Case{"no block", header + row("", Address(1), "1", ",3,21000\n"), "block_number"},
           Case{"broken UTF-8", header + row("7", "0x\xc3\x28", "1", ",3,21000\n"), "from_address"},
           Case{"half a row", header + good.substr(0, 100) + "\n", "line 2"},
           Case{"a quote that does not end", header + row("7", "\"0x", "1", ",3,21000\n") + good,
                "line"},
           Case{"no column", "block_number,hash\n7," + Hash(7000) + "\n", "transaction_index"},
           Case{"nothing", "", ""},
       }) {
    SCOPED_TRACE(c.name);
    const TestDir dir;
    const auto reader = ethereum::EtlReader::Open(ethereum::EtlKind::kTransactions,
                                                  dir.Write("transactions.csv", c.text));
    ethereum::EtlRow read;
    absl::Status status = reader.status();
    while (status.ok()) {
      const auto more = (*reader)->Next(&read);
      status = more.status();
      if (status.ok() && !*more) break;
    }
    if (c.says == nullptr) {
      EXPECT_TRUE(status.ok()) << status;
      EXPECT_EQ(read.transaction.value, 100);
      continue;
    }
    const bool column = c.name == std::string("no column");
    EXPECT_TRUE(column ? absl::IsInvalidArgument(status) : absl::IsDataLoss(status)) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), c.says)) << status;
    EXPECT_LT(status.message().size(), 1000u);
  }
}

TEST(Etl, CountsRowsThatAreThereTwiceOrHaveNoBlock) {
  Export e;
  e.Block(7, 1);
  e.Transaction(7, 0, 1, 2, 100);
  e.Transaction(7, 0, 1, 2, 100);
  e.Log(6, 0, 1, Address(500), {std::string(kTransfer), Topic(Address(1)), Topic(Address(2))},
        Word(1));
  e.Log(8, 0, 1, Address(500), {std::string(kTransfer), Topic(Address(1)), Topic(Address(2))},
        Word(1));
  Ledger l("test");
  const auto report = l.Ingest(e.Write());
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->repeated_rows, 2u);  // the transaction, and its receipt
  EXPECT_EQ(report->rows_without_block, 1u);
  EXPECT_EQ(report->first_without_block, 8u);
  EXPECT_EQ(l.Net(Address(2)), 100);
}

}  // namespace
}  // namespace spoor
