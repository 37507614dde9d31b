// Whatever a node answers, the reply is taken whole or refused, within bounds; and an amount that
// is read is the one that was written.

#include <cstdlib>

#include "lib/bitcoin/node_reply.h"

using namespace spoor;           // NOLINT
using namespace spoor::bitcoin;  // NOLINT

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view json = AsChars(ByteSpan(data, size));
  const std::vector<RpcCall> calls = {{"getblock", "[]"}, {"getblockhash", "[0]"}};
  const auto replies = RpcReplies::Parse(json, /*first_id=*/7, calls, /*most_values=*/5'000);
  if (!replies.ok()) return 0;
  Block block;
  block.transactions.resize(2);
  block.transactions[1].inputs.resize(1);
  for (size_t i = 0; i < calls.size(); ++i) {
    const rapidjson::Value& result = replies->result(i);
    if (const auto bytes = BytesOf(result); bytes.ok() && ToHex(*bytes).size() % 2 != 0) {
      std::abort();
    }
    if (const auto hash = HashOf(result); hash.ok() && HashOf(result).value() != *hash) {
      std::abort();
    }
    (void)NumberOf(result);
    if (const auto amount = AmountOf(result); amount.ok()) {
      const std::string text = FormatUnits(Units(amount->sat()), 8);
      const rapidjson::Value again(text.data(), static_cast<rapidjson::SizeType>(text.size()));
      if (AmountOf(again).value() != *amount) std::abort();
    }
    Bytes arena;
    if (const auto spent = SpentOf(result, block, &arena); spent.ok()) {
      if (spent->size() != 1 || (*spent)[0].size() != 1 ||
          (*spent)[0][0].script_pubkey.size() != arena.size()) {
        std::abort();
      }
    }
  }
  return 0;
}
