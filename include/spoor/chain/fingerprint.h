#ifndef SPOOR_CHAIN_FINGERPRINT_H_
#define SPOOR_CHAIN_FINGERPRINT_H_

#include <cstdint>
#include <optional>
#include <string>

namespace spoor {

// How a transaction fills in what is left to the wallet that makes it. Wallets differ in it, and
// one wallet mostly does as it did before. The numbers are stored in ledgers: never renumber.
struct Fingerprint {
  enum class Version : uint8_t { kOne = 0, kTwo = 1, kThree = 2, kOther = 3 };
  enum class LockTime : uint8_t {
    kNone = 0,
    kRecent = 1,  // a height of the last hundred before its block: against fee sniping
    kHeight = 2,  // any other height
    kTime = 3,
  };
  // Which sequence numbers its inputs have.
  enum Sequence : uint8_t {
    kFinal = 1,        // 0xffffffff: the lock time does not count
    kNotFinal = 2,     // 0xfffffffe: it does
    kReplaceable = 4,  // 0xfffffffd: and the transaction may be replaced (BIP 125)
    kRelative = 8,     // a relative lock time (BIP 68)
    kOtherSequence = 16,
  };
  static constexpr uint32_t kMostCode = (1 << 11) - 1;

  Version version = Version::kOne;
  LockTime lock_time = LockTime::kNone;
  uint8_t sequences = 0;  // of Sequence, one bit each; 0 of a coinbase, of which nothing is told
  bool ecdsa = false;     // whether it has an ECDSA signature
  // Whether one of them has an R of 33 bytes, which wallets that look for a low R never make.
  bool high_r = false;

  // All of it in kMostCode, and back; nullopt for what is no code.
  uint32_t Code() const;
  static std::optional<Fingerprint> FromCode(uint32_t code);

  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;

 private:
  // Code(), from the lowest bit on: version(2) lock time(2) sequences(5) ecdsa(1) high R(1).
  static constexpr int kLockTimeShift = 2;
  static constexpr int kSequencesShift = 4;
  static constexpr int kEcdsaShift = 9;
  static constexpr int kHighRShift = 10;
};

// In the header, for one is made of every movement that is read.
inline std::optional<Fingerprint> Fingerprint::FromCode(uint32_t code) {
  if (code > kMostCode) return std::nullopt;
  Fingerprint f;
  f.version = static_cast<Version>(code & 3);
  f.lock_time = static_cast<LockTime>(code >> kLockTimeShift & 3);
  f.sequences = code >> kSequencesShift & 31;
  f.ecdsa = (code >> kEcdsaShift & 1) != 0;
  f.high_r = (code >> kHighRShift & 1) != 0;
  if (f.high_r && !f.ecdsa) return std::nullopt;
  return f;
}

// For people: "version 2, recent lock time, replaceable, low R".
std::string ToText(const Fingerprint& fingerprint);

}  // namespace spoor

#endif  // SPOOR_CHAIN_FINGERPRINT_H_
