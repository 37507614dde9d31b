#ifndef SPOOR_TESTS_REAL_DATA_H_
#define SPOOR_TESTS_REAL_DATA_H_

#include <cstdlib>
#include <filesystem>
#include <string>

#include "gtest/gtest.h"

// The path of `relative` in the folder of real data. Ends the test as skipped, saying what is
// missing, where it is absent.
#define SPOOR_REAL_DATA_OR_SKIP(path, relative)                                            \
  const char* spoor_real_data_ = std::getenv("SPOOR_REAL_DATA");                           \
  const std::string path =                                                                 \
      std::string(spoor_real_data_ == nullptr ? "" : spoor_real_data_) + "/" + (relative); \
  if (spoor_real_data_ == nullptr || !std::filesystem::exists(path)) {                     \
    GTEST_SKIP() << "no real data at $SPOOR_REAL_DATA/" << (relative);                     \
  }

#endif  // SPOOR_TESTS_REAL_DATA_H_
