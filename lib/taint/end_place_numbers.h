#ifndef SPOOR_LIB_TAINT_END_PLACE_NUMBERS_H_
#define SPOOR_LIB_TAINT_END_PLACE_NUMBERS_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "lib/taint/movement_numbers.h"
#include "spoor/base/status_macros.h"
#include "spoor/taint/trace_lists.h"

namespace spoor {

// Numbers the places where units end, for all policies together: most places are one for each of
// them.
class EndPlaceNumbers {
 public:
  // `numbers` must outlive this.
  explicit EndPlaceNumbers(MovementNumbers* numbers) : numbers_(numbers) {}

  // Of a place that the movement at hand has, whatever `place.movement` is.
  uint32_t NumberOf(const EndPlace& place, Position position, const Txid& txid, uint32_t height) {
    const uint32_t movement = numbers_->NumberOf(position, txid, height);
    const size_t slot = size_t{2} * place.output() + (place.at_output() ? 0 : 1);
    if (slot >= last_.size()) last_.resize(slot + 1);
    // What stands there of another movement is no such place.
    uint32_t& last = last_[slot];
    if (last < places_->size()) {
      const EndPlace& known = (*places_)[last];
      if (known.movement == movement && known.place == place.place && known.owner == place.owner &&
          known.amount == place.amount) {
        return last;
      }
    }
    SPOOR_CHECK(places_->size() <= std::numeric_limits<uint32_t>::max());
    last = static_cast<uint32_t>(places_->size());
    places_->emplace_back(place.owner, place.amount, movement, place.place);
    return last;
  }
  const MovementNumbers& movements() const { return *numbers_; }
  const std::shared_ptr<EndPlaces>& places() const { return places_; }
  uint64_t memory() const {
    return places_->size() * sizeof(EndPlace) + last_.capacity() * sizeof(last_[0]);
  }

 private:
  MovementNumbers* numbers_;
  std::shared_ptr<EndPlaces> places_ = std::make_shared<EndPlaces>();
  std::vector<uint32_t> last_;  // by output, and whether it is one: the last place numbered there
};

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_END_PLACE_NUMBERS_H_
