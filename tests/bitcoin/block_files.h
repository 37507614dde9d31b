#ifndef SPOOR_TESTS_BITCOIN_BLOCK_FILES_H_
#define SPOOR_TESTS_BITCOIN_BLOCK_FILES_H_

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "spoor/base/bytes.h"
#include "spoor/bitcoin/block_file.h"

namespace spoor::bitcoin {

inline Bytes ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string chars((std::istreambuf_iterator<char>(in)), {});
  const ByteSpan bytes = AsBytes(chars);
  return Bytes(bytes.begin(), bytes.end());
}

inline void WriteFile(const std::string& path, ByteSpan bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
}

// A directory of this test's own, removed at its end.
class TempDir {
 public:
  TempDir() {
    std::string path = testing::TempDir() + "/spoor_XXXXXX";
    path_ = mkdtemp(path.data());
  }
  ~TempDir() { std::filesystem::remove_all(path_); }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct ScanResult {
  std::vector<BlockRecord> records;
  BlockFileSkips skips;
};

inline absl::StatusOr<ScanResult> ScanAll(BlockDirectory* directory) {
  ScanResult result;
  uint64_t last = 0;
  auto skips = directory->Scan(
      [&](const BlockRecord& record) {
        result.records.push_back(record);
        return absl::OkStatus();
      },
      [&](uint64_t bytes) {
        EXPECT_GE(bytes, last);
        last = bytes;
      });
  if (!skips.ok()) return skips.status();
  EXPECT_EQ(last, directory->total_bytes());
  result.skips = *skips;
  return result;
}

}  // namespace spoor::bitcoin

#endif  // SPOOR_TESTS_BITCOIN_BLOCK_FILES_H_
