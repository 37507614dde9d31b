// Stands in for libFuzzer in ordinary builds: runs the target over every file named, or found in a
// directory named, on the command line, and over prefixes of each, since damaged files are cut off.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int main(int argc, char** argv) {
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < argc; ++i) {
    if (std::filesystem::is_directory(argv[i])) {
      for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
        files.push_back(entry.path());
      }
    } else {
      files.emplace_back(argv[i]);
    }
  }
  std::sort(files.begin(), files.end());
  size_t inputs = 0;
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    const std::vector<char> bytes((std::istreambuf_iterator<char>(in)), {});
    // A copy of each prefix in memory of just its size lets the address sanitizer see any overrun.
    const size_t step = std::max<size_t>(1, bytes.size() / 512);
    for (size_t n = 0; n <= bytes.size();
         n = n == bytes.size() ? n + 1 : std::min(n + step, bytes.size())) {
      const std::vector<uint8_t> prefix(bytes.begin(),
                                        bytes.begin() + static_cast<std::ptrdiff_t>(n));
      LLVMFuzzerTestOneInput(prefix.data(), prefix.size());
      ++inputs;
    }
  }
  std::printf("%zu files, %zu inputs\n", files.size(), inputs);
  return inputs == 0 ? 1 : 0;
}
