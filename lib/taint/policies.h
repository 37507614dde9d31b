#ifndef SPOOR_LIB_TAINT_POLICIES_H_
#define SPOOR_LIB_TAINT_POLICIES_H_

#include <memory>

#include "spoor/base/apportion.h"
#include "spoor/taint/policy.h"

// A policy is one file, a line here and a line in policy.cc.

namespace spoor {

template <typename U>
std::unique_ptr<Policy<U>> MakeFifo();
template <typename U>
std::unique_ptr<Policy<U>> MakeLifo();
template <typename U>
std::unique_ptr<Policy<U>> MakeHaircut();
template <typename U>
std::unique_ptr<Policy<U>> MakeTiho();
template <typename U>
std::unique_ptr<Policy<U>> MakeLibr();
template <typename U>
std::unique_ptr<Policy<U>> MakePoison();

// For the end of a policy's file.
#define SPOOR_INSTANTIATE_POLICY(make)                         \
  template std::unique_ptr<Policy<uint64_t>> make<uint64_t>(); \
  template std::unique_ptr<Policy<Uint256>> make<Uint256>()

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_POLICIES_H_
