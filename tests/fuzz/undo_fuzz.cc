// What an undo record says survives being written again, and takes no more bytes.

#include <cstdlib>

#include "spoor/bitcoin/block_file.h"

using namespace spoor;           // NOLINT
using namespace spoor::bitcoin;  // NOLINT

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Network& network = GetNetwork(NetworkId::kMain);
  Bytes arena;
  const auto spent = DecodeBlockUndo(network, ByteSpan(data, size), &arena);
  if (!spent.ok()) return 0;
  const Bytes encoded = EncodeBlockUndo(*spent);
  if (encoded.size() > size) std::abort();
  Bytes second_arena;
  const auto again = DecodeBlockUndo(network, encoded, &second_arena);
  if (!again.ok() || again->size() != spent->size()) std::abort();
  for (size_t t = 0; t < spent->size(); ++t) {
    if ((*again)[t].size() != (*spent)[t].size()) std::abort();
    for (size_t i = 0; i < (*spent)[t].size(); ++i) {
      if ((*again)[t][i].value != (*spent)[t][i].value) std::abort();
      if ((*again)[t][i].script_pubkey != (*spent)[t][i].script_pubkey) std::abort();
    }
  }
  return 0;
}
