// A real node's own reply to trace_block against the rows that ethereum-etl made of it.

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "lib/ethereum/node_json.h"
#include "simdjson.h"
#include "spoor/ethereum/etl.h"
#include "tests/real_data.h"

namespace spoor::ethereum {
namespace {

TEST(Traces, OfANodeAreTheExportedOnes) {
  SPOOR_REAL_DATA_OR_SKIP(folder, "ethereum/traces-2112234");
  std::vector<Trace> exported;
  const auto reader = EtlReader::Open(EtlKind::kTraces, folder + "/expected_traces.json");
  ASSERT_TRUE(reader.ok()) << reader.status();
  EtlRow row;
  while (*(*reader)->Next(&row)) exported.push_back(row.trace);
  ASSERT_EQ(exported.size(), 2u);
  simdjson::dom::parser parser;
  const simdjson::dom::element reply =
      parser.load(folder + "/web3_response.trace_block_0x203aea.json");
  BlockData data;
  data.header.hash = *FromText<BlockHash>(
      "0xd279067d9852394d6b6c00b13c49696503c9618d3ed3b23c6b1b1321857ddd92", HashText::kPrefixed);
  const absl::Status read = AddParityTraces(reply["result"], &data);
  ASSERT_TRUE(read.ok()) << read;
  EXPECT_TRUE(data.traces == exported);
  EXPECT_EQ(data.traces[1].kind, Trace::Kind::kReward);
  EXPECT_EQ(data.traces[1].value, 5'000'000'000'000'000'000u);
  // Said of another block, it is not taken.
  data.header.hash = BlockHash();
  EXPECT_TRUE(absl::IsAborted(AddParityTraces(reply["result"], &data)));
}

}  // namespace
}  // namespace spoor::ethereum
