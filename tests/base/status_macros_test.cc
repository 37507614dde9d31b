#include "spoor/base/status_macros.h"

#include <memory>
#include <utility>

#include "gtest/gtest.h"

namespace spoor {
namespace {

absl::Status Forward(const absl::Status& status, bool* reached_end) {
  SPOOR_RETURN_IF_ERROR(status);
  *reached_end = true;
  return absl::OkStatus();
}

absl::StatusOr<int> Sum(absl::StatusOr<int> a, absl::StatusOr<int> b) {
  SPOOR_ASSIGN_OR_RETURN(const int left, a);
  int right = 0;
  SPOOR_ASSIGN_OR_RETURN(right, std::move(b));
  return left + right;
}

absl::StatusOr<std::unique_ptr<int>> PassOn(absl::StatusOr<std::unique_ptr<int>> in) {
  SPOOR_ASSIGN_OR_RETURN(std::unique_ptr<int> owned, std::move(in));
  return owned;
}

TEST(ReturnIfError, ReturnsTheErrorUnchangedOrGoesOn) {
  bool reached_end = false;
  EXPECT_EQ(Forward(absl::DataLossError("torn"), &reached_end), absl::DataLossError("torn"));
  EXPECT_FALSE(reached_end);
  EXPECT_EQ(Forward(absl::OkStatus(), &reached_end), absl::OkStatus());
  EXPECT_TRUE(reached_end);
}

TEST(AssignOrReturn, AssignsOrReturnsTheFirstError) {
  EXPECT_EQ(Sum(2, 3).value(), 5);
  EXPECT_EQ(Sum(absl::NotFoundError("a"), absl::NotFoundError("b")).status(),
            absl::NotFoundError("a"));
  EXPECT_EQ(Sum(2, absl::NotFoundError("b")).status(), absl::NotFoundError("b"));
}

TEST(AssignOrReturn, MovesWhatCannotBeCopied) {
  const auto out = PassOn(std::make_unique<int>(7));
  ASSERT_TRUE(out.ok()) << out.status();
  EXPECT_EQ(**out, 7);
}

TEST(Annotate, PutsTheContextBeforeTheMessage) {
  EXPECT_EQ(Annotate(absl::DataLossError("torn"), "blk00000.dat"),
            absl::DataLossError("blk00000.dat: torn"));
  EXPECT_EQ(Annotate(absl::OkStatus(), "blk00000.dat"), absl::OkStatus());
}

TEST(CheckDeathTest, EndsTheProcessSayingWhere) {
  const int two = 2;
  SPOOR_CHECK(two == 2);
  EXPECT_DEATH(SPOOR_CHECK(two == 3), "status_macros_test.cc:[0-9]+: two == 3");
}

}  // namespace
}  // namespace spoor
