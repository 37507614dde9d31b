#ifndef SPOOR_TESTS_SUPPORT_KILLS_H_
#define SPOOR_TESTS_SUPPORT_KILLS_H_

#include <cstdlib>

namespace spoor {

// How often a test kills what it tests: `moderate` times, or for a long run as often as
// $SPOOR_KILLS says.
inline int Kills(int moderate) {
  const char* kills = std::getenv("SPOOR_KILLS");
  return kills != nullptr ? std::atoi(kills) : moderate;
}

}  // namespace spoor

#endif  // SPOOR_TESTS_SUPPORT_KILLS_H_
