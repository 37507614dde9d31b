#ifndef SPOOR_ENTITY_LABEL_H_
#define SPOOR_ENTITY_LABEL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "spoor/entity/category.h"
#include "spoor/entity/tag.h"

namespace spoor {

// What tags say together of who holds something: the strongest claims, and so who is believed to
// hold it. A claim is stronger that says what kind of party it is, then by confidence, then if the
// list names the actor, then by date; ties are settled by the names, so that order does not matter.
class Label {
 public:
  struct Claim {
    Category category = Category::kUnknown;
    // The list's name of the actor; where it has none, what it says of the address.
    std::string actor;
    bool names_actor = false;
    int confidence = 0;
    std::optional<int64_t> date;

    friend bool operator==(const Claim&, const Claim&) = default;
  };
  // So many are kept: who is contradicted so often is not better known by one more.
  static constexpr size_t kMostClaims = 16;

  void Add(const Tag& tag);
  // Adds what was claimed of another address of the same party.
  void Add(const Label& other);

  // How many tags were added.
  uint64_t tags() const { return tags_; }
  // The strongest first, each category and actor once.
  const std::vector<Claim>& claims() const { return claims_; }

  // The category of the strongest claim. That a state has listed somebody says nothing of what they
  // are, so kSanctioned gives way to any other but kUser.
  Category category() const;
  // Whether some claim is that a state has listed them, whatever they are.
  bool sanctioned() const;
  // Who: the strongest claim of that category that names an actor; where none does, one that says
  // nothing of the category; else what the strongest claim says of the address. Empty if no tags.
  absl::string_view actor() const;
  // The same for comparing: without case, spaces and signs; empty if no list names an actor.
  std::string named_actor() const;
  // Of the strongest claim, 0 to 100.
  int confidence() const;
  // Claims that somebody else, or somebody of another kind, holds it.
  std::vector<Claim> Conflicts() const;

  // As rows hold it (lib/entity/tag_rows.h).
  std::string Encode() const;
  // DATA_LOSS.
  static absl::StatusOr<Label> Decode(absl::string_view row);

  friend bool operator==(const Label&, const Label&) = default;

 private:
  void AddClaim(Claim claim);

  uint64_t tags_ = 0;
  std::vector<Claim> claims_;
};

}  // namespace spoor

#endif  // SPOOR_ENTITY_LABEL_H_
