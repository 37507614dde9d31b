#ifndef SPOOR_TESTS_ESTIMATE_TRACED_CASES_H_
#define SPOOR_TESTS_ESTIMATE_TRACED_CASES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "spoor/estimate/estimate.h"

namespace spoor {

constexpr int64_t kTestDay = 86'400;
// When the ledgers of test cases end.
constexpr int64_t kTestTip = 20'000 * kTestDay;

struct TestEnd {
  std::string kind;
  std::string category;
  uint64_t stolen = 0;
  int age = 0;  // days before the tip
  std::string asset = "bitcoin:BTC";
  std::string now = "";  // another asset by now
};

inline TracedPolicy MakePolicy(const std::string& name, const std::vector<TestEnd>& ends) {
  TracedPolicy policy;
  policy.policy = name;
  for (const TestEnd& end : ends) {
    TracedUnits units;
    units.kind = end.kind;
    units.category = end.category;
    units.stolen_asset = end.asset;
    units.stolen = units.now = end.stolen;
    units.asset = end.now.empty() ? end.asset : end.now;
    units.since = kTestTip - end.age * kTestDay;
    policy.stolen[end.asset] += end.stolen;
    policy.ends.push_back(units);
  }
  return policy;
}

inline TracedCase MakeCase(const std::vector<TracedPolicy>& policies) {
  TracedCase traced;
  traced.policies = policies;
  traced.as_of = kTestTip;
  return traced;
}

// All parameters known exactly: then every percentile is the model's formula.
inline Model Exactly(const Model& model, const std::vector<double>& values) {
  Model exact = model;
  for (size_t i = 0; i < kParameters; ++i) {
    Parameter& p = exact.parameters[i];
    p.low = p.mode = p.high = values[i];
  }
  return exact;
}

inline EstimateOptions FewSamples() {
  EstimateOptions options;
  options.samples = 1000;
  return options;
}

}  // namespace spoor

#endif  // SPOOR_TESTS_ESTIMATE_TRACED_CASES_H_
