// A directory of one blk and one rev file with anything in them. The first byte says whether they
// are obfuscated, the next two how long the blk file is. Every record that a scan reports can be
// read, the records do not overlap, and nothing is counted twice.

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "spoor/bitcoin/block_file.h"

using namespace spoor;           // NOLINT
using namespace spoor::bitcoin;  // NOLINT

namespace {

void Write(const std::string& path, ByteSpan bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

// In memory where that can be, removed when the process ends in order.
const std::string& Directory() {
  static const struct Temporary {
    Temporary() {
      std::string name =
          std::filesystem::exists("/dev/shm")
              ? "/dev/shm/spoor_fuzz_XXXXXX"
              : (std::filesystem::temp_directory_path() / "spoor_fuzz_XXXXXX").string();
      if (mkdtemp(name.data()) == nullptr) std::abort();
      path = name;
    }
    ~Temporary() { std::filesystem::remove_all(path); }
    std::string path;
  } directory;
  return directory.path;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  const ByteSpan files(data + 3, size - 3);
  const size_t blk_size = std::min<size_t>(LoadLe16(data + 1), files.size());
  const std::string& path = Directory();
  const uint8_t key[8] = {0x75, 0x0e, 0xfe, 0xab, 0xcb, 0x1d, 0x85, 0x9a};
  std::filesystem::remove(path + "/xor.dat");
  if ((data[0] & 1) != 0) Write(path + "/xor.dat", key);
  Write(path + "/blk00000.dat", files.first(blk_size));
  Write(path + "/rev00000.dat", files.subspan(blk_size));

  const Network& network = GetNetwork(NetworkId::kRegtest);
  const auto directory = BlockDirectory::Open(path, network);
  if (!directory.ok()) std::abort();
  uint64_t end = 0;
  uint64_t counted = 0;
  const auto visit = [&](const BlockRecord& record) {
    if (record.offset < end + 8 || record.offset + record.size > blk_size) std::abort();
    end = record.offset + record.size;
    counted += 8 + record.size;
    Bytes bytes;
    if (!(*directory)->ReadBlock(record, &bytes).ok()) std::abort();
    const auto block = DecodeBlock(network, bytes);
    if (!block.ok()) return absl::OkStatus();
    Bytes undo;
    const auto spent = (*directory)->ReadUndo(record, *block, &undo);
    if (spent.ok() && spent->size() + 1 != block->transactions.size()) std::abort();
    return absl::OkStatus();
  };
  const auto skips = (*directory)->Scan(visit, nullptr);
  if (skips.ok() && counted + skips->garbage_bytes > blk_size) std::abort();
  return 0;
}
