#include "lib/ingest/keyed_hash.h"

#include <random>

namespace spoor {

KeyHasher::KeyHasher() {
  std::random_device random;
  for (Keys* keys : {&keys_a_, &keys_b_}) {
    for (Uint128& key : *keys) {
      for (int i = 0; i < 4; ++i) key = key << 32 | random();
    }
  }
}

}  // namespace spoor
