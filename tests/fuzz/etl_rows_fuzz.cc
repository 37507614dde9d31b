// Whatever the bytes, reading them as rows of an export ends, as each kind of file there is, CSV or
// JSON lines; the first byte says which.

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "spoor/ethereum/etl.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto kind = static_cast<spoor::ethereum::EtlKind>(data[0] / 2 % spoor::ethereum::kEtlKinds);
  // Never destroyed: what is done at the end needs it.
  static const std::string& folder = *[] {
    std::string name = "/tmp/etl_rows_fuzz_XXXXXX";
    if (mkdtemp(name.data()) == nullptr) std::abort();
    std::atexit([] {
      for (const char* ending : {"/rows.csv", "/rows.json"}) {
        std::remove((folder + ending).c_str());
      }
      rmdir(folder.c_str());
    });
    return new std::string(name);
  }();
  const std::string path = absl::StrCat(folder, data[0] % 2 == 0 ? "/rows.csv" : "/rows.json");
  FILE* const file = std::fopen(path.c_str(), "wb");
  if (file == nullptr || std::fwrite(data + 1, 1, size - 1, file) != size - 1) std::abort();
  std::fclose(file);
  const auto reader = spoor::ethereum::EtlReader::Open(kind, path);
  if (!reader.ok()) return 0;
  spoor::ethereum::EtlRow row;
  for (uint64_t rows = 0;; ++rows) {
    const auto more = (*reader)->Next(&row);
    if (!more.ok() || !*more) break;
    // A row takes a byte at the least.
    if (rows > size) std::abort();
    if (row.kind != kind) std::abort();
  }
  return 0;
}
