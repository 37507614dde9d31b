#ifndef SPOOR_TESTS_TAINT_PLAIN_MODEL_H_
#define SPOOR_TESTS_TAINT_PLAIN_MODEL_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "boost/multiprecision/cpp_int.hpp"
#include "spoor/ledger/model.h"

// What docs/model.md, "Taint", says, done in the plainest way there is, to hold lib/taint against.
// It shares no code with it and reads the whole ledger from the first movement on. The policies
// that move units in some order have every single unit in a list; so amounts must be small. Haircut
// works on whole numbers of any size.

namespace spoor::plain {

using Number = boost::multiprecision::cpp_int;

// The source of a unit, or 0 for clean.
using Source = int;

// What a policy may know of a taker.
struct Taker {
  Number amount;
  bool fee = false;
};

// One unit, of which only the source lasts; the giver is whose it was in the movement at hand.
struct Unit {
  Source source = 0;
  size_t giver = 0;
};

// fifo, lifo, tiho and libr differ in nothing but two orders: that in which units leave, and that
// in which takers are filled.
class UnitRules {
 public:
  using Content = std::vector<Unit>;

  explicit UnitRules(std::string policy) : policy_(std::move(policy)) {}
  static bool conserving() { return true; }
  Content Clean(const Number& amount) const;
  bool Tainted(const Content& content) const;
  // Puts `more` behind what is there.
  static void Append(const Content& more, Content* content);
  std::map<Source, Number> BySource(const Content& content) const;
  std::vector<Content> Share(const std::vector<Content>& givers,
                             const std::vector<Taker>& takers) const;
  // What each giver brought, if this is what the takers have.
  std::vector<Content> ShareBack(const std::vector<Content>& takers,
                                 const std::vector<Taker>& givers) const;
  // Marks the first clean units, `*limit` of them at most, which is reduced. How many it marked.
  Number Mark(Source source, Number* limit, Content* content) const;

 private:
  std::string policy_;
};

// How many units there are of each source; clean ones under 0.
class HaircutRules {
 public:
  using Content = std::map<Source, Number>;

  static bool conserving() { return true; }
  Content Clean(const Number& amount) const;
  bool Tainted(const Content& content) const;
  // Puts `more` behind what is there.
  static void Append(const Content& more, Content* content);
  std::map<Source, Number> BySource(const Content& content) const;
  std::vector<Content> Share(const std::vector<Content>& givers,
                             const std::vector<Taker>& takers) const;
  std::vector<Content> ShareBack(const std::vector<Content>& takers,
                                 const std::vector<Taker>& givers) const {
    return Share(takers, givers);
  }
  Number Mark(Source source, Number* limit, Content* content) const;
};

class PoisonRules {
 public:
  struct Content {
    Number amount;
    std::set<Source> sources;
  };

  static bool conserving() { return false; }
  Content Clean(const Number& amount) const;
  bool Tainted(const Content& content) const;
  // Puts `more` behind what is there.
  static void Append(const Content& more, Content* content);
  std::map<Source, Number> BySource(const Content& content) const;
  std::vector<Content> Share(const std::vector<Content>& givers,
                             const std::vector<Taker>& takers) const;
  std::vector<Content> ShareBack(const std::vector<Content>& takers,
                                 const std::vector<Taker>& givers) const {
    return Share(takers, givers);
  }
  Number Mark(Source source, Number* limit, Content* content) const;
};

struct Seed {
  Source source = 0;
  std::set<std::pair<uint64_t, size_t>> credits;  // position and taker
  std::optional<Number> limit;
};

// What a request asks for besides. Empty: everything is followed, fees are ends.
struct Options {
  std::set<uint64_t> not_followed;  // positions of movements at the wrong time
  std::optional<uint32_t> max_hops;
  Number min_taint = 0;
  std::set<AddressId> services;
  // Whose pool an owner's coins are in. If null, coins are not pooled.
  std::function<AddressId(AddressId)> pool_of;
  std::string fees = "end";
  std::function<Number(uint32_t height)> subsidy;  // unless fees are ends
};

struct Endpoint {
  std::string kind;
  uint64_t position = 0;
  bool at_output = true;
  uint32_t output = 0;
  AddressId owner;
  Number amount;
  Number tainted;
  std::map<Source, Number> by_source;
  uint32_t hops = 0;
};

struct Flow {
  Number tainted;
  uint64_t movements = 0;
};

// Where units are that no address has: as keys of Result::flows and of balances.
inline constexpr char kFees[] = "fees";
inline constexpr char kBurned[] = "burned";
inline constexpr char kMinted[] = "minted";

struct Result {
  std::map<Source, Number> stolen;
  std::vector<Endpoint> endpoints;
  // By the owners' names: "a" and the number of an address, "nobody", kFees, kBurned. Empty under
  // haircut: docs/model.md does not say whose units are whose inside a movement.
  std::map<std::pair<std::string, std::string>, Flow> flows;
  // How many units seeds marked in the hands of each owner.
  std::map<std::string, Number> marked;
  uint64_t movements = 0;
  uint64_t unresolved_inputs = 0;

  // All but `flows` and `marked`, one thing to a line, sorted.
  std::string ToString() const;
};

std::string OwnerName(AddressId id);

// Whether `policy` is one that the model knows.
bool Knows(const std::string& policy);

Result Follow(const std::string& policy, const std::vector<Movement>& movements,
              const std::vector<Seed>& seeds, const Options& options = {});

// Where the units that the seeds name came from.
Result Back(const std::string& policy, const std::vector<Movement>& movements,
            const std::vector<Seed>& seeds, const Options& options = {});

}  // namespace spoor::plain

#endif  // SPOOR_TESTS_TAINT_PLAIN_MODEL_H_
