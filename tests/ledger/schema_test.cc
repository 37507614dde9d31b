#include "lib/ledger/schema.h"

#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/base/bytes.h"
#include "spoor/base/varint.h"
#include "tests/support/dump_ledger.h"
#include "tests/support/random_ledger.h"

namespace spoor::schema {
namespace {

std::string Hex(absl::string_view bytes) { return ToHex(AsBytes(bytes)); }

std::string Repeat(absl::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) absl::StrAppend(&out, text);
  return out;
}

Txid CountingTxid() {
  Bytes bytes(32);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i);
  return Txid::FromBytes(bytes);
}
constexpr char kCountingHex[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

// The bytes below were written by hand from schema.h: they are what ledgers on people's disks hold.
// If one of these must change, LedgerStore::kFormat must.
TEST(Schema, KeysAreTheseBytes) {
  const Position position{0x0102030405};
  const AddressId id{0x0a0b0c0d0e};
  EXPECT_EQ(Hex(ChainKey(2)), "636861696e02");
  EXPECT_EQ(Hex(BlockKey(2, 0x01020304)), "0201020304");
  EXPECT_EQ(Hex(MovementKey(Family::kAccount, 2, position)), "020102030405");
  EXPECT_EQ(Hex(MovementKey(Family::kUtxo, 2, position)), "020010203040");
  EXPECT_EQ(Hex(TxidPrefix(2, CountingTxid())), "020001020304050607");
  EXPECT_EQ(Hex(TxidKey(2, CountingTxid(), position)), "0200010203040506070102030405");
  EXPECT_EQ(Hex(AddressRowKey(2, id)), "020a0b0c0d0e");
  EXPECT_EQ(Hex(AddressIdKey(2, "\x02\xff")), "0202ff");
  EXPECT_EQ(Hex(RevealedKey(2, id)), "020a0b0c0d0e");
  EXPECT_EQ(Hex(ReceiptPrefix(2, id)), "020a0b0c0d0e");
  EXPECT_EQ(Hex(ReceiptKey(2, id, position)), "020a0b0c0d0e0102030405");
  EXPECT_EQ(TrailingNumber(ReceiptKey(2, id, position)), position.number);
  EXPECT_EQ(Hex(EncodeAddressId(id)), "0a0b0c0d0e");
  EXPECT_EQ(TxidPrefix(0, Txid()).size(), kTxidPrefix);
}

TEST(Schema, AnAddressIsTheseBytes) {
  const AddressId id{0};
  std::string row;
  EncodeAddressRow({std::nullopt, "\x02\xff"}, &row);
  EXPECT_EQ(Hex(row), "ffffffffff02ff");
  EXPECT_FALSE(DecodeAddressRow(id, row)->first_receipt.has_value());
  EXPECT_TRUE(SetFirstReceipt(Position{0x0102030405}, row.data()));
  EXPECT_EQ(Hex(row), "010203040502ff");
  // It is paid once for all times.
  EXPECT_TRUE(SetFirstReceipt(Position{0x0102030405}, row.data()));
  EXPECT_FALSE(SetFirstReceipt(Position{0x0102030406}, row.data()));
  const auto decoded = DecodeAddressRow(id, row);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->first_receipt, Position{0x0102030405});
  EXPECT_EQ(Hex(decoded->key), "02ff");
  EXPECT_EQ(DecodeAddressRow(id, row.substr(0, 4)).status().code(), absl::StatusCode::kDataLoss);
}

ChainInfo SomeChain() { return {"bitcoin", Family::kUtxo, "main", "BTC", 8}; }

BlockInfo SomeBlock() {
  BlockInfo block;
  block.height = 7;
  block.hash = BlockHash::FromBytes(Bytes(32, 0xaa));
  block.previous = BlockHash::FromBytes(Bytes(32, 0xbb));
  block.time = -1;
  block.order_time = 64;
  block.bits = 0x1d00ffff;
  block.first = Position{300};
  block.totals = {8, 310, 311, 128, 500, 400, 0, 2, 0};
  return block;
}

// Spends output 1 of movement 998 and two coins from elsewhere; pays address 4, burns, pays a fee.
Movement SomeMovement() {
  Movement m;
  m.position = Position{1000};
  m.txid = CountingTxid();
  m.height = 200;
  m.fingerprint = {Fingerprint::Version::kTwo, Fingerprint::LockTime::kRecent,
                   Fingerprint::kReplaceable, /*ecdsa=*/true, /*high_r=*/false};
  m.gives = {{GiveKind::kHolding, Holding{998, 1}, AddressId{4}, 100},
             {GiveKind::kOutside, Holding(), AddressId{0}, 5'000'000'000},
             {GiveKind::kUnresolved, Holding(), AddressId(), 7}};
  m.takes = {{TakerKind::kHolding, Holding{1000, 0}, AddressId{127}, 5'000'000'000, 0},
             {TakerKind::kBurned, Holding{1000, 1}, AddressId(), 0, 0},
             {TakerKind::kFee, Holding(), AddressId(), 107, 0}};
  m.takes[0].next = Position{1001};
  return m;
}

Movement SomeCoinbase() {
  Movement m;
  m.position = Position{0};
  m.txid = CountingTxid();
  m.coinbase = true;
  m.minted = 50;
  m.takes = {{TakerKind::kHolding, Holding{0, 0}, AddressId{0}, 50, 0, {}}};
  return m;
}

// A chunk of that movement alone, at its place among empty ones; and the movement of such a chunk.
std::string ChunkOf(const Movement& movement, absl::string_view row) {
  std::string chunk(movement.position.number % kInChunk, '\0');
  AppendToChunk(row, &chunk);
  return chunk;
}
std::string RowOf(const Movement& movement, absl::string_view chunk) {
  return std::string(FindInChunk(chunk, movement.position).value_or("none"));
}

// The bytes of a movement, its spends included.
std::string Encode(const Movement& movement) {
  std::string row;
  EncodeMovement(movement, &row);
  std::string spends;
  for (const Take& take : movement.takes) {
    if (!take.next.has_value()) continue;
    AppendSpend(movement.position, take.holding.minor, take.next, &spends);
  }
  std::string chunk = ChunkOf(movement, row);
  EXPECT_TRUE(ApplyToChunk(spends, &chunk));
  return RowOf(movement, chunk);
}

TEST(Schema, ValuesAreTheseBytes) {
  EXPECT_EQ(Hex(EncodeChain(SomeChain())),
            "01"
            "07626974636f696e"
            "046d61696e"
            "03425443"
            "08");
  EXPECT_EQ(Hex(EncodeBlock(SomeBlock())), Repeat("aa", 32) + Repeat("bb", 32) +
                                               "01"          // zigzag of -1
                                               "8001"        // zigzag of 64
                                               "ffff83e801"  // bits
                                               "ac02"        // first
                                               "08"
                                               "b602"
                                               "b702"
                                               "8001"
                                               "f403"
                                               "9003"
                                               "00"
                                               "02");
  EXPECT_EQ(Hex(Encode(SomeMovement())), absl::StrCat("02",  // outputs
                                                      kCountingHex,
                                                      "00"    // no coinbase
                                                      "c801"  // height
                                                      "c504"  // fingerprint: 1 + 4 + 64 + 512
                                                      "03"
                                                      "02010564"          // two back, output 1
                                                      "00010180e497d012"  // outside, of address 0
                                                      "000007"            // unresolved
                                                      "800180e497d012"
                                                      "0000"
                                                      "e903000000"
                                                      "ffffffffff"));
  EXPECT_EQ(Hex(Encode(SomeCoinbase())),
            absl::StrCat("01", kCountingHex, "01", "00", "00", "00", "0132", "ffffffffff"));
  EXPECT_EQ(Hex(EncodeRevealed(Position{0x0102030405}, "\x02\xff")), "010203040502ff");
  std::string chunk;
  AppendToChunk("ab", &chunk);
  AppendToChunk("", &chunk);
  AppendToChunk(std::string(300, 'c'), &chunk);
  EXPECT_EQ(Hex(chunk), absl::StrCat("026162", "00", "ac02", Repeat("63", 300)));
  std::string operand;
  AppendSpend(Position{16}, 1, Position{0x0102030405}, &operand);
  AppendSpend(Position{31}, 0x01020304, std::nullopt, &operand);
  AppendAddition(Position{18}, "abc", &operand);
  AppendCut(Position{29}, &operand);
  EXPECT_EQ(Hex(operand),
            "00010000000504030201"
            "0f04030201ffffffffff"
            "4203000000616263"
            "8d");
}

TEST(Schema, ChainsAndBlocksComeBack) {
  for (const ChainInfo& chain :
       {SomeChain(), ChainInfo{"", Family::kAccount, "", "", 0},
        ChainInfo{std::string(300, 'x'), Family::kAccount, "n", "S", 255}}) {
    const auto decoded = DecodeChain(EncodeChain(chain));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(*decoded, chain);
  }
  std::mt19937_64 rng(/*seed=*/1);
  for (int i = 0; i < 500; ++i) {
    BlockInfo block = SomeBlock();
    const auto any = [&] { return rng() >> (rng() % 64); };
    block.time = static_cast<int64_t>(any());
    block.order_time = -static_cast<int64_t>(any() >> 1);
    block.bits = static_cast<uint32_t>(any());
    block.first = Position{any()};
    block.totals = {any(), any(), any(), any(), any(), any(), any(), any()};
    const auto decoded = DecodeBlock(block.height, EncodeBlock(block));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(*decoded, block);
  }
  for (const uint64_t id : {uint64_t{0}, kNone40 - 1}) {
    const auto decoded = DecodeAddressId(EncodeAddressId(AddressId{id}));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(decoded->number, id);
  }
}

// Movements of every shape, some of their outputs spent.
std::vector<Movement> ManyMovements() {
  std::vector<Movement> movements = {SomeMovement(), SomeCoinbase()};
  std::mt19937_64 rng(/*seed=*/2);
  for (const uint64_t most : {uint64_t{200}, uint64_t{1} << 50}) {
    RandomLedgerOptions options;
    options.blocks = 40;
    options.most_minted = most;
    const RandomLedger ledger = MakeRandomLedger(rng(), options);
    for (const NewBlock& block : ledger.blocks) {
      for (Movement m : block.movements) {
        for (Take& take : m.takes) {
          if (take.kind == TakerKind::kHolding && rng() % 2 == 0) {
            take.next = Position{m.position.number + 1 + rng() % 1'000'000};
          }
        }
        movements.push_back(std::move(m));
      }
    }
  }
  Movement most = SomeCoinbase();
  most.minted = most.takes[0].amount = std::numeric_limits<uint64_t>::max();
  most.takes[0].owner = AddressId{kNone40 - 1};
  most.takes[0].next = Position{kNone40 - 1};
  movements.push_back(most);
  return movements;
}

TEST(Schema, MovementsComeBack) {
  for (const Movement& movement : ManyMovements()) {
    // Whose memory, and nothing else, is used again: of an account chain's, and as it then is.
    Movement decoded = SomeMovement();
    decoded.kind = MovementKind::kTransfer;
    decoded.index = 7;
    decoded.gives.resize(4);
    decoded.takes.resize(4);
    for (Give& give : decoded.gives) give.opening = 5, give.previous = Position{3};
    for (Take& take : decoded.takes) {
      take.before = take.opening = 5;
      take.previous = take.next = Position{3};
    }
    ASSERT_TRUE(DecodeMovement(movement.position, Encode(movement), &decoded).ok());
    ASSERT_EQ(DumpMovement(decoded), DumpMovement(movement));
    const absl::Status status = DecodeMovement(movement.position, Encode(movement), &decoded);
    ASSERT_TRUE(status.ok()) << status;
    ASSERT_EQ(DumpMovement(decoded), DumpMovement(movement));
  }
}

TEST(Schema, SpendsAreAppliedInTheirOrderAndUndone) {
  const Movement movement = SomeMovement();
  const Position at = movement.position;
  std::string chunk = ChunkOf(movement, Encode(movement));
  const auto nexts = [&] {
    Movement decoded;
    EXPECT_TRUE(DecodeMovement(at, RowOf(movement, chunk), &decoded).ok());
    std::string text;
    for (const Take& take : decoded.takes) {
      absl::StrAppend(&text, take.next.has_value() ? take.next->number : 0, " ");
    }
    return text;
  };
  EXPECT_EQ(nexts(), "1001 0 0 ");
  std::string spends;
  AppendSpend(at, 0, Position{2000}, &spends);
  AppendSpend(at, 1, Position{3000}, &spends);
  AppendSpend(at, 0, Position{4000}, &spends);
  ASSERT_TRUE(ApplyToChunk(spends, &chunk));
  EXPECT_EQ(nexts(), "4000 3000 0 ");
  std::string undo;
  AppendSpend(at, 1, std::nullopt, &undo);
  ASSERT_TRUE(ApplyToChunk(undo, &chunk));
  EXPECT_EQ(nexts(), "4000 0 0 ");
  ASSERT_TRUE(ApplyToChunk("", &chunk));
  EXPECT_EQ(nexts(), "4000 0 0 ");

  std::string beyond;
  AppendSpend(at, 2, Position{2000}, &beyond);
  EXPECT_FALSE(ApplyToChunk(beyond, &chunk));
  std::string elsewhere;
  AppendSpend(Position{at.number + 1}, 0, Position{2000}, &elsewhere);
  EXPECT_FALSE(ApplyToChunk(elsewhere, &chunk));
  for (size_t size = 1; size < 10; ++size) {
    EXPECT_FALSE(ApplyToChunk(absl::string_view(spends).substr(0, size), &chunk));
  }
}

// Whatever is added, cut off and spent in whatever order, a chunk is as one made at once.
TEST(Schema, ChunksGrowAndShrinkByOperands) {
  std::mt19937_64 rng(/*seed=*/5);
  const std::vector<Movement> movements = ManyMovements();
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> rows;
    std::string chunk;
    std::string operand;
    for (int step = 0; step < 30; ++step) {
      const uint64_t kind = rng() % 3;
      if (kind == 0 && rows.size() < kInChunk) {
        std::string added;
        const Position first{32 + rows.size()};
        for (uint64_t n = rng() % (kInChunk - rows.size() + 1); n > 0; --n) {
          rows.push_back(Encode(movements[rng() % movements.size()]));
          AppendToChunk(rows.back(), &added);
        }
        AppendAddition(first, added, &operand);
      } else if (kind == 1 && !rows.empty()) {
        rows.resize(rng() % rows.size());
        AppendCut(Position{32 + rows.size()}, &operand);
      } else if (kind == 2 && !rows.empty()) {
        const size_t i = rng() % rows.size();
        absl::string_view in = rows[i];
        uint64_t outputs = 0;
        ASSERT_TRUE(ConsumeVarint(&in, &outputs));
        if (outputs == 0) continue;
        const auto output = static_cast<uint32_t>(rng() % outputs);
        const Position spender{rng() % kNone40};
        AppendSpend(Position{32 + i}, output, spender, &operand);
        SetSpender(output, static_cast<uint32_t>(outputs), spender,
                   rows[i].data() + rows[i].size());
      }
      if (rng() % 4 == 0) {
        ASSERT_TRUE(ApplyToChunk(operand, &chunk));
        operand.clear();
      }
    }
    ASSERT_TRUE(ApplyToChunk(operand, &chunk));
    std::string wanted;
    for (const std::string& row : rows) AppendToChunk(row, &wanted);
    ASSERT_EQ(Hex(chunk), Hex(wanted));
    for (size_t i = 0; i <= rows.size() && i < kInChunk; ++i) {
      const auto found = FindInChunk(chunk, Position{i});
      ASSERT_EQ(found.has_value(), i < rows.size());
      if (found.has_value()) {
        ASSERT_EQ(*found, rows[i]);
      }
    }
    // Nothing is added but at the end, or cut off where there is nothing.
    std::string wrong;
    AppendAddition(Position{rows.size() + 1}, "", &wrong);
    if (rows.size() + 1 < kInChunk) {
      EXPECT_FALSE(ApplyToChunk(wrong, &chunk));
    }
    wrong.clear();
    AppendCut(Position{rows.size() + 1}, &wrong);
    if (rows.size() + 1 < kInChunk) {
      EXPECT_FALSE(ApplyToChunk(wrong, &chunk));
    }
  }
}

// Operands and chunks that are damaged never lead outside of them.
TEST(Schema, DamagedOperandsAndChunksAreRefusedOrApplied) {
  std::mt19937_64 rng(/*seed=*/6);
  const std::vector<Movement> movements = ManyMovements();
  int refused = 0;
  int applied = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string chunk;
    std::string more;
    for (uint64_t n = rng() % 4; n > 0; --n) {
      AppendToChunk(Encode(movements[rng() % 100]), &chunk);
      AppendToChunk(Encode(movements[rng() % 100]), &more);
    }
    std::string operand;
    AppendSpend(Position{rng() % 4}, static_cast<uint32_t>(rng() % 3), Position{9}, &operand);
    AppendAddition(Position{rng() % 4}, more, &operand);
    AppendCut(Position{rng() % 4}, &operand);
    for (std::string* bytes : {&chunk, &operand}) {
      if (bytes->empty() || rng() % 2 == 0) continue;
      (*bytes)[rng() % bytes->size()] ^= static_cast<char>(1 << rng() % 8);
      if (rng() % 4 == 0) bytes->resize(rng() % bytes->size());
    }
    (ApplyToChunk(operand, &chunk) ? applied : refused) += 1;
    absl::string_view in = chunk;
    absl::string_view movement;
    while (ConsumeFromChunk(&in, &movement)) {
      ASSERT_GE(movement.data(), chunk.data());
      ASSERT_LE(movement.data() + movement.size(), chunk.data() + chunk.size());
    }
  }
  EXPECT_GT(refused, 1000);
  EXPECT_GT(applied, 1000);
}

// What decodes must mean something: it adds up, and encodes to a row that means the same.
void ExpectMeaning(const Movement& movement) {
  Units given = movement.minted;
  for (const Give& give : movement.gives) given += give.amount;
  Units taken = 0;
  for (const Take& take : movement.takes) {
    taken += take.amount;
    if (take.next.has_value()) {
      EXPECT_GT(*take.next, movement.position);
    }
  }
  EXPECT_EQ(given, taken);
  Movement again;
  EXPECT_TRUE(DecodeMovement(movement.position, Encode(movement), &again).ok());
  EXPECT_EQ(DumpMovement(again), DumpMovement(movement));
}

TEST(Schema, DamagedMovementsAreErrorsOrMeanSomething) {
  int refused = 0;
  int decoded = 0;
  for (const Movement& movement : ManyMovements()) {
    const std::string row = Encode(movement);
    if (row.size() > 400) continue;
    Movement m;
    for (size_t size = 0; size < row.size(); ++size) {
      const std::string prefix = row.substr(0, size);
      ASSERT_EQ(DecodeMovement(movement.position, prefix, &m).code(), absl::StatusCode::kDataLoss)
          << "cut to " << size << " bytes";
      std::string operand;
      std::string applied = ChunkOf(movement, prefix);
      AppendSpend(movement.position, 0, Position{5}, &operand);
      ApplyToChunk(operand, &applied);
      EXPECT_EQ(applied.size(), ChunkOf(movement, prefix).size());
    }
    ASSERT_EQ(DecodeMovement(movement.position, row + '\0', &m).code(),
              absl::StatusCode::kDataLoss);
    for (size_t bit = 0; bit < 8 * row.size(); ++bit) {
      if (bit == 8) bit += 8 * Txid::kSize;  // any is as good as another
      std::string flipped = row;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
      const absl::Status status = DecodeMovement(movement.position, flipped, &m);
      if (status.ok()) {
        ++decoded;
        ExpectMeaning(m);
      } else {
        ++refused;
        EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
      }
      std::string operand;
      AppendSpend(movement.position, 0, Position{5}, &operand);
      std::string applied = ChunkOf(movement, flipped);
      ApplyToChunk(operand, &applied);
      EXPECT_EQ(applied.size(), ChunkOf(movement, row).size());
    }
    if (::testing::Test::HasFailure()) return;
  }
  EXPECT_GT(refused, 0);
  EXPECT_GT(decoded, 0);
}

TEST(Schema, OtherDamagedRowsAreErrorsOrDecode) {
  const std::string block = EncodeBlock(SomeBlock());
  const std::string chain = EncodeChain(SomeChain());
  const std::string id = EncodeAddressId(AddressId{5});
  for (size_t size = 0; size < block.size(); ++size) {
    EXPECT_EQ(DecodeBlock(7, block.substr(0, size)).status().code(), absl::StatusCode::kDataLoss);
  }
  for (size_t size = 0; size < chain.size(); ++size) {
    EXPECT_EQ(DecodeChain(chain.substr(0, size)).status().code(), absl::StatusCode::kDataLoss);
  }
  for (size_t size = 0; size < id.size(); ++size) {
    EXPECT_EQ(DecodeAddressId(id.substr(0, size)).status().code(), absl::StatusCode::kDataLoss);
  }
  const std::string shown = "\x03" + std::string(32, 'k');
  const std::string revealed = EncodeRevealed(Position{7}, shown);
  EXPECT_EQ(*DecodeRevealed(AddressId{5}, revealed), (RevealedScript{Position{7}, shown}));
  for (size_t size = 0; size < revealed.size(); ++size) {
    EXPECT_EQ(DecodeRevealed(AddressId{5}, revealed.substr(0, size)).status().code(),
              absl::StatusCode::kDataLoss);
  }
  EXPECT_EQ(DecodeRevealed(AddressId{5}, revealed + "x").status().code(),
            absl::StatusCode::kDataLoss);
  // One number more, if it is not 0, would be how many assets there are.
  EXPECT_EQ(DecodeBlock(7, block + "x")->totals.assets, 'x');
  EXPECT_EQ(DecodeBlock(7, block + "xx").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(DecodeBlock(7, block + '\0').status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(DecodeChain(chain + "x").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(DecodeAddressId(id + "x").status().code(), absl::StatusCode::kDataLoss);
  for (size_t bit = 0; bit < 8 * block.size(); ++bit) {
    std::string flipped = block;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    const auto decoded = DecodeBlock(7, flipped);
    if (decoded.ok()) {
      EXPECT_EQ(*DecodeBlock(7, EncodeBlock(*decoded)), *decoded);
      EXPECT_NE(*decoded, SomeBlock());
    } else {
      EXPECT_EQ(decoded.status().code(), absl::StatusCode::kDataLoss);
    }
  }
  for (size_t bit = 0; bit < 8 * chain.size(); ++bit) {
    std::string flipped = chain;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    const auto decoded = DecodeChain(flipped);
    if (decoded.ok()) {
      EXPECT_TRUE(decoded->family == Family::kUtxo || decoded->family == Family::kAccount);
      EXPECT_EQ(EncodeChain(*decoded), flipped);
    } else {
      EXPECT_EQ(decoded.status().code(), absl::StatusCode::kDataLoss);
    }
  }
}

}  // namespace
}  // namespace spoor::schema
