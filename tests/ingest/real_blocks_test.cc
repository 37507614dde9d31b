// Real block files, ingested, read back through LedgerView and held against what Bitcoin Core says
// of them.

#include <algorithm>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"
#include "spoor/chain/revealed.h"
#include "tests/ingest/ingest_blocks.h"
#include "tests/real_data.h"
#include "tests/support/core_oracle.h"

namespace spoor {
namespace {

using simdjson::dom::element;

// Holds the name and the key of `owner` against a scriptPubKey.
void ExpectOwner(const LedgerView& view, AddressId owner, const element& script) {
  const std::string type = Text(script["type"]);
  if (type == "nulldata") {
    EXPECT_TRUE(owner.IsNobody());
    return;
  }
  ASSERT_FALSE(owner.IsNobody());
  const auto name = NameOwner(view, owner);
  ASSERT_TRUE(name.ok()) << name.status();
  std::string_view address;
  if (!script["address"].get(address)) {
    EXPECT_TRUE(name->is_address);
    EXPECT_EQ(name->text, address);
  } else {
    ASSERT_EQ(type, "pubkey");  // no other form without an address is in these blocks
    EXPECT_FALSE(name->is_address);
    const std::string code = Text(script["asm"]);
    EXPECT_EQ(name->text, absl::StrCat("pk(", absl::StripSuffix(code, " OP_CHECKSIG"), ")"));
  }
  const auto key = AddressKeyFromText(view.chain(), name->text);
  ASSERT_TRUE(key.ok()) << key.status();
  const auto found = view.FindAddress(*key);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(*found, owner);
}

// Holds what the input shows of the script that it spends from against what the ledger keeps.
void ExpectRevealed(const LedgerView& view, const Movement& movement, AddressId owner,
                    const element& input) {
  const std::string type = Text(input["prevout"]["scriptPubKey"]["type"]);
  std::string shown;
  if (type == "pubkeyhash") {
    const std::string code = Text(input["scriptSig"]["asm"]);
    shown = code.substr(code.rfind(' ') + 1);
  } else if (type == "witness_v0_keyhash") {
    shown = Text(input["txinwitness"].at(1));
  } else {
    ASSERT_EQ(type, "pubkey");  // no other form is spent from in these blocks
  }
  const auto revealed = view.ReadRevealed(owner);
  ASSERT_TRUE(revealed.ok()) << revealed.status();
  ASSERT_EQ(revealed->has_value(), !shown.empty());
  if (shown.empty()) return;
  EXPECT_EQ(ToHex(AsBytes((*revealed)->bytes)), shown);
  EXPECT_LE((*revealed)->first, movement.position);
}

// Holds how the wallet filled the transaction in against what Core says.
void ExpectFingerprint(const Movement& movement, const element& want) {
  const Fingerprint& f = movement.fingerprint;
  using F = Fingerprint;
  EXPECT_EQ(f.version, uint64_t(want["version"]) == 1 ? F::Version::kOne : F::Version::kTwo);
  const uint64_t lock_time = want["locktime"];
  const bool recent = lock_time > 0 && lock_time < movement.height;
  EXPECT_EQ(f.lock_time, recent ? F::LockTime::kRecent : F::LockTime::kNone);
  int sequences = 0;
  for (const element input : simdjson::dom::array(want["vin"])) {
    const uint64_t sequence = input["sequence"];
    sequences |= sequence == 0xffffffff   ? F::kFinal
                 : sequence == 0xfffffffd ? F::kReplaceable
                                          : F::kOtherSequence;
  }
  EXPECT_EQ(f.sequences, sequences);
  EXPECT_TRUE(f.ecdsa);
}

void ExpectPrevout(const LedgerView& view, const Movement& movement, const Give& give,
                   const element& want) {
  ASSERT_EQ(give.kind, GiveKind::kHolding);
  const auto made = ReadMovement(view, Position{give.holding.major});
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(ToText(made->txid), Text(want["txid"]));
  EXPECT_EQ(give.holding.minor, uint64_t(want["vout"]));
  EXPECT_EQ(give.amount, Satoshis(want["prevout"]["value"]));
  EXPECT_EQ(made->height, uint64_t(want["prevout"]["height"]));
  EXPECT_EQ(made->coinbase, bool(want["prevout"]["generated"]));
  ExpectOwner(view, give.owner, want["prevout"]["scriptPubKey"]);
  ASSERT_LT(give.holding.minor, made->takes.size());
  ExpectRevealed(view, movement, give.owner, want);
  const Take& take = made->takes[give.holding.minor];
  EXPECT_EQ(take.next, movement.position);
  EXPECT_EQ(take.amount, give.amount);
  EXPECT_EQ(take.owner, give.owner);
}

struct Counts {
  uint64_t spends = 0;
  uint64_t unspent = 0;
};

void ExpectMovement(const LedgerView& view, const Movement& movement, const element& want,
                    Counts* counts) {
  EXPECT_EQ(ToText(movement.txid), Text(want["txid"]));
  const auto found = view.FindTransaction(movement.txid);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(*found, std::vector<Position>{movement.position});
  const simdjson::dom::array vin = want["vin"];
  const simdjson::dom::array vout = want["vout"];
  std::string_view coinbase;
  ASSERT_EQ(movement.coinbase, !vin.at(0)["coinbase"].get(coinbase));
  ASSERT_EQ(movement.takes.size(), vout.size() + (movement.coinbase ? 0 : 1));
  uint64_t paid = 0;
  for (size_t i = 0; i < vout.size(); ++i) {
    SCOPED_TRACE(absl::StrCat("vout ", i));
    const Take& take = movement.takes[i];
    EXPECT_EQ(uint64_t(vout.at(i)["n"]), i);
    const uint64_t value = Satoshis(vout.at(i)["value"]);
    paid += value;
    EXPECT_EQ(take.amount, value);
    EXPECT_EQ(take.holding, Holding::Output(movement.position, static_cast<uint32_t>(i)));
    const bool burned = Text(vout.at(i)["scriptPubKey"]["type"]) == "nulldata";
    EXPECT_EQ(take.kind, burned ? TakerKind::kBurned : TakerKind::kHolding);
    ExpectOwner(view, take.owner, vout.at(i)["scriptPubKey"]);
    if (!burned) {
      const auto receipts = view.Receipts(take.owner);
      ASSERT_TRUE(receipts.ok()) << receipts.status();
      EXPECT_EQ(std::count(receipts->begin(), receipts->end(), movement.position), 1);
    }
    if (!take.next.has_value()) {
      ++counts->unspent;
      continue;
    }
    const auto spender = ReadMovement(view, *take.next);
    ASSERT_TRUE(spender.ok()) << spender.status();
    EXPECT_EQ(std::count_if(spender->gives.begin(), spender->gives.end(),
                            [&](const Give& give) { return give.holding == take.holding; }),
              1);
  }
  if (movement.coinbase) {
    EXPECT_TRUE(movement.gives.empty());
    EXPECT_EQ(movement.minted, paid);
    return;
  }
  EXPECT_EQ(movement.minted, 0);
  ExpectFingerprint(movement, want);
  ASSERT_EQ(movement.gives.size(), vin.size());
  for (size_t i = 0; i < vin.size(); ++i) {
    SCOPED_TRACE(absl::StrCat("vin ", i));
    ExpectPrevout(view, movement, movement.gives[i], vin.at(i));
    ++counts->spends;
  }
  EXPECT_EQ(movement.takes.back().kind, TakerKind::kFee);
  EXPECT_EQ(movement.takes.back().amount, Satoshis(want["fee"]));
}

// Compares all that `view` says with the oracle.
void CompareWithCore(const LedgerView& view, const std::string& oracle, Counts* counts) {
  simdjson::dom::parser parser;
  uint32_t height = 0;
  uint64_t position = 0;
  for (const absl::string_view line : absl::StrSplit(oracle, '\n', absl::SkipEmpty())) {
    element want;
    ASSERT_FALSE(parser.parse(line.data(), line.size()).get(want));
    SCOPED_TRACE(absl::StrCat("height ", height));
    ASSERT_EQ(uint64_t(want["height"]), height);
    const auto block = view.BlockAt(height);
    ASSERT_TRUE(block.ok()) << block.status();
    EXPECT_EQ(block->height, height);
    EXPECT_EQ(ToText(block->hash), Text(want["hash"]));
    if (height > 0) {
      EXPECT_EQ(ToText(block->previous), Text(want["previousblockhash"]));
    }
    EXPECT_EQ(static_cast<uint64_t>(block->time), uint64_t(want["time"]));
    EXPECT_EQ(absl::StrCat(absl::Hex(block->bits, absl::kZeroPad8)), Text(want["bits"]));
    EXPECT_EQ(block->first.number, position);
    const simdjson::dom::array txs = want["tx"];
    for (const element tx : txs) {
      SCOPED_TRACE(absl::StrCat("position ", position));
      const auto movement = ReadMovement(view, Position{position});
      ASSERT_TRUE(movement.ok()) << movement.status();
      EXPECT_EQ(movement->position.number, position);
      EXPECT_EQ(movement->height, height);
      ExpectMovement(view, *movement, tx, counts);
      if (testing::Test::HasFatalFailure()) return;
      ++position;
    }
    EXPECT_EQ(block->totals.movements, position);
    EXPECT_EQ(block->totals.transactions, position);
    EXPECT_EQ(block->totals.inputs, counts->spends);
    ++height;
  }
  ASSERT_TRUE(view.tip().has_value());
  EXPECT_EQ(view.tip()->height + 1, height);
}

struct Case {
  const char* name;
  const char* folder;
  NetworkId network;
  uint64_t blocks, transactions, spends;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class RealBlocks : public testing::TestWithParam<Case> {};

TEST_P(RealBlocks, AreInTheLedgerAsCoreSays) {
  const Case& c = GetParam();
  SPOOR_REAL_DATA_OR_SKIP(folder, c.folder);
  const std::string oracle = Gunzip(folder + "/getblock-verbosity3.jsonl.gz");
  MemoryLedger memory = NewMemoryLedger(c.network);
  StoreLedger store(c.network);
  for (LedgerWriter* writer : {static_cast<LedgerWriter*>(&memory), store.writer()}) {
    SCOPED_TRACE(writer == &memory ? "in memory" : "in RocksDB");
    const auto report = IngestDirectory(folder + "/blocks", GetNetwork(c.network), writer);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->blocks_added, c.blocks);
    EXPECT_EQ(report->blocks_undone + report->stale_blocks + report->unconnected_blocks, 0u);
    EXPECT_EQ(report->inputs_from_undo, 0u);
    EXPECT_FALSE(report->height_unknown);
    EXPECT_EQ(report->skips.foreign_records + report->skips.truncated_records +
                  report->skips.garbage_bytes + report->skips.bad_headers,
              0u);
    Counts counts;
    CompareWithCore(writer->view(), oracle, &counts);
    const LedgerTotals totals = writer->view().tip()->totals;
    EXPECT_EQ(totals.blocks, c.blocks);
    EXPECT_EQ(totals.transactions, c.transactions);
    EXPECT_EQ(totals.inputs, c.spends);
    EXPECT_EQ(totals.unresolved_inputs, 0u);
    EXPECT_EQ(totals.outputs, counts.unspent + c.spends);
    EXPECT_EQ(counts.spends, c.spends);

    const auto again = IngestDirectory(folder + "/blocks", GetNetwork(c.network), writer);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->blocks_added + again->blocks_undone + again->stale_blocks, 0u);
  }
  EXPECT_TRUE(Dump(memory) == Dump(store.view()));
}

INSTANTIATE_TEST_SUITE_P(
    All, RealBlocks,
    testing::Values(Case{"Mainnet", "bitcoin/mainnet-0-4312", NetworkId::kMain, 4313, 4371, 247},
                    Case{"RegtestTaproot", "bitcoin/regtest-taproot", NetworkId::kRegtest, 207, 232,
                         26}),
    [](const testing::TestParamInfo<Case>& param) { return param.param.name; });

// The values of all inputs of a block without its parents, as an undo record.
Bytes UndoOf(const bitcoin::Block& block, ByteSpan prevouts) {
  ByteReader in(prevouts);
  std::vector<std::vector<bitcoin::TxOut>> spent;
  for (size_t t = 1; t < block.transactions.size(); ++t) {
    spent.emplace_back();
    for (size_t i = 0; i < block.transactions[t].inputs.size(); ++i) {
      const Amount value = Amount::FromSat(in.ReadLe64().value()).value();
      spent.back().push_back({value, in.ReadSizedBytes().value()});
    }
  }
  EXPECT_TRUE(in.empty());
  return bitcoin::EncodeBlockUndo(spent);
}

struct SliceCase {
  NetworkId network;
  uint32_t height;
  // Addresses of which inputs reveal a key, and a multisig script; by a program that is no part of
  // this one.
  uint64_t keys, scripts;
};

class RealSlices : public testing::TestWithParam<SliceCase> {
 protected:
  // Writes the block as a directory of its own.
  void Write(const std::string& folder, bool with_undo, const std::string& dir) {
    const Network& network = GetNetwork(GetParam().network);
    const std::string name = absl::StrCat(folder, "/block", GetParam().height);
    bytes_ = bitcoin::ReadFile(name + ".raw");
    block_ = bitcoin::DecodeBlock(network, bytes_).value();
    const auto writer =
        bitcoin::BlockFileWriter::Create(dir, network, bitcoin::BlockFileWriter::Options()).value();
    ASSERT_TRUE(writer->Append(bytes_).ok());
    if (with_undo) {
      const Bytes undo = UndoOf(block_, bitcoin::ReadFile(name + "-undo.raw"));
      ASSERT_TRUE(writer->AppendUndo(block_.header.previous, undo).ok());
    }
    ASSERT_TRUE(writer->Close().ok());
  }
  // The inputs that spend an output of this same block.
  uint64_t SpendsWithin() const {
    std::set<Txid> txids;
    uint64_t count = 0;
    for (const bitcoin::Transaction& tx : block_.transactions) {
      for (const bitcoin::TxIn& input : tx.inputs) count += txids.count(input.prevout.txid);
      txids.insert(tx.txid);
    }
    return count;
  }

  Bytes bytes_;
  bitcoin::Block block_;
};

TEST_P(RealSlices, WithUndoRecordsFeesAndSubsidyAreTheCoinbase) {
  SPOOR_REAL_DATA_OR_SKIP(folder, "bitcoin/blocks-with-prevouts");
  const Network& network = GetNetwork(GetParam().network);
  const bitcoin::TempDir dir;
  Write(folder, /*with_undo=*/true, dir / "blocks");
  MemoryLedger ledger = NewMemoryLedger(network.id);
  const auto report = IngestDirectory(dir / "blocks", network, &ledger);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->blocks_added, 1u);
  EXPECT_FALSE(report->height_unknown);  // BIP 34
  ASSERT_TRUE(ledger.tip().has_value());
  EXPECT_EQ(ledger.tip()->height, GetParam().height);
  EXPECT_EQ(ledger.tip()->totals.unresolved_inputs, 0u);
  EXPECT_EQ(report->inputs_from_undo, ledger.tip()->totals.inputs - SpendsWithin());
  Units fees = 0;
  Units minted = 0;
  ASSERT_TRUE(ledger
                  .ScanMovements(Position{0},
                                 [&](const Movement& movement) {
                                   minted += movement.minted;
                                   if (!movement.coinbase) fees += movement.takes.back().amount;
                                   for (const Give& give : movement.gives) {
                                     EXPECT_NE(give.kind, GiveKind::kUnresolved);
                                     EXPECT_FALSE(give.owner.IsNobody());
                                   }
                                   return absl::OkStatus();
                                 })
                  .ok());
  EXPECT_EQ(minted, fees + BlockSubsidy(network, GetParam().height));
  uint64_t keys = 0;
  uint64_t scripts = 0;
  const auto count = [&](AddressId id, const RevealedScript& revealed) -> absl::Status {
    const ScriptId script = *ScriptFromAddressKey(*ledger.ReadAddress(id));
    EXPECT_TRUE(IsRevealedBy(script, AsBytes(revealed.bytes)));
    ++(IsKeySized(AsBytes(revealed.bytes)) ? keys : scripts);
    const Movement movement = *ReadMovement(ledger, revealed.first);
    EXPECT_TRUE(std::any_of(movement.gives.begin(), movement.gives.end(),
                            [&](const Give& give) { return give.owner == id; }));
    return absl::OkStatus();
  };
  ASSERT_TRUE(ledger.ScanRevealed(AddressId{0}, count).ok());
  EXPECT_EQ(keys, GetParam().keys);
  EXPECT_EQ(scripts, GetParam().scripts);
}

TEST_P(RealSlices, WithoutUndoRecordsInputsAreUnresolvedAndCounted) {
  SPOOR_REAL_DATA_OR_SKIP(folder, "bitcoin/blocks-with-prevouts");
  const Network& network = GetNetwork(GetParam().network);
  const bitcoin::TempDir dir;
  Write(folder, /*with_undo=*/false, dir / "blocks");
  MemoryLedger ledger = NewMemoryLedger(network.id);
  const auto report = IngestDirectory(dir / "blocks", network, &ledger);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->inputs_from_undo, 0u);
  ASSERT_TRUE(ledger.tip().has_value());
  EXPECT_EQ(ledger.tip()->totals.unresolved_inputs, ledger.tip()->totals.inputs - SpendsWithin());
  uint64_t unresolved = 0;
  ASSERT_TRUE(ledger
                  .ScanMovements(Position{0},
                                 [&](const Movement& movement) {
                                   Units known = 0;
                                   std::vector<Units> wanting;
                                   for (const Give& give : movement.gives) {
                                     if (give.kind == GiveKind::kHolding) known += give.amount;
                                     if (give.kind != GiveKind::kUnresolved) continue;
                                     EXPECT_TRUE(give.owner.IsNobody());
                                     wanting.push_back(give.amount);
                                   }
                                   unresolved += wanting.size();
                                   if (wanting.empty()) return absl::OkStatus();
                                   Units paid = 0;
                                   for (size_t i = 0; i + 1 < movement.takes.size(); ++i) {
                                     paid += movement.takes[i].amount;
                                   }
                                   // The least possible: all that is wanting, on the first.
                                   EXPECT_EQ(wanting[0], paid > known ? paid - known : Units(0));
                                   for (size_t i = 1; i < wanting.size(); ++i) {
                                     EXPECT_EQ(wanting[i], 0);
                                   }
                                   EXPECT_EQ(movement.takes.back().amount,
                                             paid > known ? Units(0) : known - paid);
                                   return absl::OkStatus();
                                 })
                  .ok());
  EXPECT_EQ(unresolved, ledger.tip()->totals.unresolved_inputs);
  EXPECT_GT(unresolved, 0u);
}

INSTANTIATE_TEST_SUITE_P(All, RealSlices,
                         testing::Values(SliceCase{NetworkId::kMain, 300025, 878, 0},
                                         SliceCase{NetworkId::kTest, 928816, 117, 2},
                                         SliceCase{NetworkId::kTest, 928828, 68, 1893},
                                         SliceCase{NetworkId::kTest, 1087400, 103, 46}),
                         [](const testing::TestParamInfo<SliceCase>& param) {
                           return absl::StrCat("Block", param.param.height);
                         });

}  // namespace
}  // namespace spoor
