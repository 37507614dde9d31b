#ifndef SPOOR_TESTS_TAINT_PLAIN_ACCOUNT_RULES_H_
#define SPOOR_TESTS_TAINT_PLAIN_ACCOUNT_RULES_H_

#include <set>
#include <string>
#include <vector>

#include "tests/taint/plain_account_model.h"

// How the policies share what accounts hold, for the plain model.

namespace spoor::plain {

struct AccountLot {
  Number units;
  Number stolen;
  Origin origin;
};

struct AccountContent {
  Number amount;
  std::vector<AccountLot> lots;  // fill the amount; not under poison
  std::set<Origin> poison;       // under poison alone
};

struct AccountTaker {
  Number amount;
  bool fee = false;
};

class AccountRules {
 public:
  explicit AccountRules(std::string policy) : policy_(std::move(policy)) {}

  bool conserving() const { return policy_ != "poison"; }
  const std::string& policy() const { return policy_; }

  AccountContent Clean(const Number& amount) const;
  bool Tainted(const AccountContent& content) const;
  Number TaintedUnits(const AccountContent& content) const;
  AccountContent Joined(const AccountContent& front, const AccountContent& back) const;
  std::vector<AccountContent> Share(const std::vector<AccountContent>& parts,
                                    const std::vector<AccountTaker>& takers) const;
  // What each of the givers brought, if this is what the takers have.
  std::vector<AccountContent> ShareBack(const std::vector<AccountContent>& takers,
                                        const std::vector<AccountTaker>& givers) const;
  // As `to` units of another asset; lots that come to none go to `dust`.
  AccountContent Scaled(const AccountContent& content, const Number& to,
                        std::vector<AccountLot>* dust) const;
  // Marks the first clean units, `limit` at most. How many count as stolen.
  Number Mark(Origin origin, const Number& limit, AccountContent* content) const;

 private:
  AccountContent Normal(std::vector<AccountLot> lots) const;
  std::vector<AccountContent> ShareUnits(const std::vector<AccountContent>& parts,
                                         const std::vector<AccountTaker>& takers,
                                         const std::string& policy) const;
  std::vector<AccountContent> ShareProRata(const std::vector<AccountContent>& parts,
                                           const std::vector<AccountTaker>& takers) const;

  std::string policy_;
};

}  // namespace spoor::plain

#endif  // SPOOR_TESTS_TAINT_PLAIN_ACCOUNT_RULES_H_
