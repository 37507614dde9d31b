#include "spoor/entity/coinjoin.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/inlined_vector.h"

namespace spoor {
namespace {

constexpr uint64_t kCoin = 100'000'000;

// Whirlpool's pools, and the most by which an input brings more than its pool's size: the fee of
// the mixes to come.
constexpr std::array<uint64_t, 4> kWhirlpoolSizes = {kCoin / 1000, kCoin / 100, kCoin / 20,
                                                     kCoin / 2};
constexpr uint64_t kWhirlpoolMostExtra = 110'000;
constexpr size_t kWhirlpoolPeople = 5;

// Wasabi 1's denomination began at a tenth of a coin and shrank a little with every round.
constexpr uint64_t kWasabi1Least = kCoin / 100 * 8;
constexpr uint64_t kWasabi1Most = kCoin / 100 * 12;
constexpr size_t kWasabi1People = 10;

constexpr size_t kWasabi2Inputs = 50;
constexpr uint64_t kWasabi2LeastOutput = 5'000;

constexpr size_t kJoinMarketPeople = 3;
constexpr size_t kGenericPeople = 5;

// Equal outputs below this are no payments to people: tokens and protocols mark coins with them.
constexpr uint64_t kDust = 5'000;

// WabiSabi's sizes: powers of 2, and of 3 and 10 once, twice and (of 10) five times.
std::vector<uint64_t> MakeWasabi2Sizes() {
  constexpr uint64_t kMost = uint64_t{1} << 37;
  std::vector<uint64_t> sizes;
  const auto add = [&](uint64_t size, uint64_t base) {
    for (; size <= kMost; size *= base) {
      if (size >= kWasabi2LeastOutput) sizes.push_back(size);
    }
  };
  add(1, 2);
  for (const uint64_t times : {1, 2}) add(times, 3);
  for (const uint64_t times : {1, 2, 5}) add(times, 10);
  std::sort(sizes.begin(), sizes.end());
  return sizes;
}

bool IsWasabi2Size(uint64_t amount) {
  static const auto* const sizes = new std::vector<uint64_t>(MakeWasabi2Sizes());
  return std::binary_search(sizes->begin(), sizes->end(), amount);
}

// A transaction's amounts, as far as they tell.
struct Shape {
  absl::InlinedVector<uint64_t, 16> inputs;
  absl::InlinedVector<uint64_t, 16> outputs;  // ascending
  size_t owners = 0;                          // of inputs, no two the same
  // The outputs that the most others equal; the largest such.
  uint64_t equal_amount = 0;
  size_t equal = 0;
};

void LookAtOutputs(const Movement& movement, Shape* shape) {
  for (const Take& take : movement.takes) {
    if (take.kind == TakerKind::kHolding) {
      shape->outputs.push_back(static_cast<uint64_t>(take.amount));
    }
  }
  const auto& outputs = shape->outputs;
  std::sort(shape->outputs.begin(), shape->outputs.end());
  for (size_t i = 0; i < outputs.size();) {
    size_t end = i;
    while (end < outputs.size() && outputs[end] == outputs[i]) ++end;
    if (end - i >= shape->equal && outputs[i] >= kDust) {
      shape->equal = end - i;
      shape->equal_amount = outputs[i];
    }
    i = end;
  }
}

void LookAtInputs(const Movement& movement, Shape* shape) {
  absl::InlinedVector<AddressId, 16> owners;
  for (const Give& give : movement.gives) {
    shape->inputs.push_back(static_cast<uint64_t>(give.amount));
    owners.push_back(give.owner);
  }
  std::sort(owners.begin(), owners.end());
  shape->owners = static_cast<size_t>(std::unique(owners.begin(), owners.end()) - owners.begin());
}

bool IsWhirlpool(const Shape& shape) {
  if (shape.inputs.size() != kWhirlpoolPeople || shape.outputs.size() != kWhirlpoolPeople ||
      shape.equal != kWhirlpoolPeople || shape.owners != kWhirlpoolPeople) {
    return false;
  }
  const uint64_t size = shape.equal_amount;
  if (std::find(kWhirlpoolSizes.begin(), kWhirlpoolSizes.end(), size) == kWhirlpoolSizes.end()) {
    return false;
  }
  return std::all_of(shape.inputs.begin(), shape.inputs.end(), [&](uint64_t input) {
    return input >= size && input <= size + kWhirlpoolMostExtra;
  });
}

bool IsWasabi2(const Shape& shape) {
  if (shape.inputs.size() < kWasabi2Inputs || shape.equal < 2) return false;
  const auto standard =
      static_cast<size_t>(std::count_if(shape.outputs.begin(), shape.outputs.end(), IsWasabi2Size));
  // What is left over of each wallet goes to an output of any size.
  return standard * 3 >= shape.outputs.size() * 2;
}

bool IsWasabi1(const Shape& shape) {
  return shape.equal >= kWasabi1People && shape.inputs.size() >= shape.equal &&
         shape.equal_amount >= kWasabi1Least && shape.equal_amount <= kWasabi1Most &&
         shape.outputs.size() > shape.equal;
}

bool IsJoinMarket(const Shape& shape) {
  // All but the one who pays for it have change.
  return shape.equal >= kJoinMarketPeople && shape.owners >= shape.equal &&
         shape.outputs.size() + 1 >= 2 * shape.equal && shape.outputs.size() <= 2 * shape.equal;
}

bool IsGeneric(const Shape& shape) {
  return shape.equal >= kGenericPeople && shape.owners >= shape.equal;
}

}  // namespace

absl::string_view CoinJoinName(CoinJoinKind kind) {
  switch (kind) {
    case CoinJoinKind::kWhirlpool:
      return "Whirlpool";
    case CoinJoinKind::kWasabi1:
      return "Wasabi 1";
    case CoinJoinKind::kWasabi2:
      return "Wasabi 2";
    case CoinJoinKind::kJoinMarket:
      return "JoinMarket";
    case CoinJoinKind::kGeneric:
      return "equal outputs";
  }
  return "";
}

std::optional<CoinJoinKind> RecogniseCoinJoin(const Movement& movement) {
  // The least of all the kinds; most transactions are smaller.
  if (movement.gives.size() < kJoinMarketPeople || movement.takes.size() < kJoinMarketPeople) {
    return std::nullopt;
  }
  Shape shape;
  LookAtOutputs(movement, &shape);
  const size_t least_equal = movement.gives.size() < kWasabi2Inputs ? kJoinMarketPeople : 2;
  if (shape.equal < least_equal) return std::nullopt;
  LookAtInputs(movement, &shape);
  if (IsWhirlpool(shape)) return CoinJoinKind::kWhirlpool;
  if (IsWasabi2(shape)) return CoinJoinKind::kWasabi2;
  if (IsWasabi1(shape)) return CoinJoinKind::kWasabi1;
  if (IsJoinMarket(shape)) return CoinJoinKind::kJoinMarket;
  if (IsGeneric(shape)) return CoinJoinKind::kGeneric;
  return std::nullopt;
}

}  // namespace spoor
