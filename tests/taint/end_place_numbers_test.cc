#include "lib/taint/end_place_numbers.h"

#include <cstdint>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace spoor {
namespace {

// Under several policies, whose ends of a movement come one policy after another, places are one if
// and only if all that is told of them is.
TEST(EndPlaceNumbers, NumberEachPlaceOnce) {
  std::mt19937 random(1);
  MovementNumbers movements;
  EndPlaceNumbers numbers(&movements);
  std::vector<EndPlace> plain;
  for (uint64_t n = 0; n < 1'000; ++n) {
    const size_t before = plain.size();
    const uint32_t outputs = 1 + random() % 6;
    for (int policy = 0; policy < 4; ++policy) {
      for (uint32_t output = 0; output < outputs; ++output) {
        // What the movement minted and its first input from outside have the same number.
        for (const bool at_output : {true, false}) {
          if (random() % 2 == 0) continue;
          EndPlace place;
          place.owner = AddressId{random() % 2};
          place.amount = 7;
          place.place = output | (at_output ? 0 : EndPlace::kMovement);
          const uint32_t number = numbers.NumberOf(place, Position{2 * n}, Txid(), 5);
          const EndPlace& numbered = (*numbers.places())[number];
          place.movement = numbered.movement;
          ASSERT_EQ(numbered, place);
          ASSERT_EQ((*movements.names())[place.movement].position, Position{2 * n});
          if (number == plain.size()) {
            plain.push_back(place);
          } else {
            ASSERT_GE(number, before);
          }
        }
      }
    }
    ASSERT_EQ(numbers.places()->size(), plain.size());
  }
  EXPECT_GE(numbers.memory(), plain.size() * sizeof(EndPlace));
}

TEST(EndPlaceNumbers, ShareAPlaceAmongPolicies) {
  MovementNumbers movements;
  EndPlaceNumbers numbers(&movements);
  for (uint64_t n = 0; n < 100; ++n) {
    for (int policy = 0; policy < 6; ++policy) {
      for (uint32_t output = policy % 3; output < 50; output += 1 + policy % 2) {
        EndPlace place;
        place.amount = output;
        place.place = output;
        numbers.NumberOf(place, Position{n}, Txid(), 0);
      }
    }
  }
  EXPECT_EQ(numbers.places()->size(), 100U * 50);
}

}  // namespace
}  // namespace spoor
