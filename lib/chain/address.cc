#include "spoor/chain/address.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/digest.h"

namespace spoor {
namespace {

constexpr absl::string_view kBase58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr size_t kMaxBase58Size = 200;
constexpr size_t kChecksumSize = 4;

// Base conversion of a whole number, most significant digit first, as base 58 wants it. Digits that
// lead with zero are the caller's to keep.
std::vector<uint8_t> ConvertBase(ByteSpan digits, unsigned from, unsigned to) {
  std::vector<uint8_t> out;  // least significant first
  for (const uint8_t digit : digits) {
    unsigned carry = digit;
    for (uint8_t& place : out) {
      carry += place * from;
      place = static_cast<uint8_t>(carry % to);
      carry /= to;
    }
    for (; carry != 0; carry /= to) out.push_back(static_cast<uint8_t>(carry % to));
  }
  std::reverse(out.begin(), out.end());
  return out;
}

size_t LeadingZeros(ByteSpan digits) {
  return static_cast<size_t>(
      std::find_if(digits.begin(), digits.end(), [](uint8_t d) { return d != 0; }) -
      digits.begin());
}

// --- Bech32 and Bech32m (BIP 173, BIP 350) ---

constexpr absl::string_view kBech32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr size_t kMaxBech32Size = 90;
constexpr size_t kBech32ChecksumSize = 6;
constexpr uint32_t kBech32Constant = 1;
constexpr uint32_t kBech32mConstant = 0x2bc830a3;

struct Bech32 {
  std::string hrp;            // lower case
  std::vector<uint8_t> data;  // 5-bit groups, without the checksum
  uint32_t constant = 0;      // kBech32Constant or kBech32mConstant
};

uint32_t ChecksumConstant(int witness_version) {
  return witness_version == 0 ? kBech32Constant : kBech32mConstant;
}

uint32_t Polymod(ByteSpan values) {
  constexpr uint32_t kGenerator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
  uint32_t remainder = 1;
  for (const uint8_t value : values) {
    const uint32_t top = remainder >> 25;
    remainder = (remainder & 0x1ffffff) << 5 ^ value;
    for (unsigned i = 0; i < 5; ++i) {
      if ((top >> i & 1) != 0) remainder ^= kGenerator[i];
    }
  }
  return remainder;
}

// What the checksum covers before the data: the high bits of the prefix, a zero, the low bits.
std::vector<uint8_t> ExpandHrp(absl::string_view hrp) {
  std::vector<uint8_t> out;
  for (const char c : hrp) out.push_back(static_cast<uint8_t>(c) >> 5);
  out.push_back(0);
  for (const char c : hrp) out.push_back(static_cast<uint8_t>(c) & 31);
  return out;
}

// Regroups bits. Without padding nullopt if what is left over is a whole group or not zero.
std::optional<std::vector<uint8_t>> Regroup(ByteSpan in, unsigned from, unsigned to, bool pad) {
  std::vector<uint8_t> out;
  const unsigned mask = (1u << to) - 1;
  unsigned buffer = 0;
  unsigned bits = 0;
  for (const uint8_t group : in) {
    buffer = (buffer << from | group) & 0xfff;  // never are more than 12 bits waiting
    bits += from;
    while (bits >= to) {
      bits -= to;
      out.push_back(static_cast<uint8_t>(buffer >> bits & mask));
    }
  }
  if (pad) {
    if (bits > 0) out.push_back(static_cast<uint8_t>(buffer << (to - bits) & mask));
  } else if (bits >= from || (buffer << (to - bits) & mask) != 0) {
    return std::nullopt;
  }
  return out;
}

std::string EncodeWitness(absl::string_view hrp, int version, ByteSpan program) {
  std::vector<uint8_t> data = {static_cast<uint8_t>(version)};
  AppendBytes(*Regroup(program, 8, 5, /*pad=*/true), &data);

  std::vector<uint8_t> covered = ExpandHrp(hrp);
  AppendBytes(data, &covered);
  covered.resize(covered.size() + kBech32ChecksumSize);
  const uint32_t checksum = Polymod(covered) ^ ChecksumConstant(version);
  for (size_t i = 0; i < kBech32ChecksumSize; ++i) {
    data.push_back(checksum >> (5 * (kBech32ChecksumSize - 1 - i)) & 31);
  }

  std::string out = absl::StrCat(hrp, "1");
  for (const uint8_t group : data) out.push_back(kBech32[group]);
  return out;
}

absl::StatusOr<Bech32> DecodeBech32(absl::string_view text) {
  if (text.size() > kMaxBech32Size) {
    return absl::InvalidArgumentError(absl::StrCat("a bech32 address of ", text.size(),
                                                   " characters, wanted at most ", kMaxBech32Size));
  }
  const std::string lower = absl::AsciiStrToLower(text);
  if (text != lower && text != absl::AsciiStrToUpper(text)) {
    return absl::InvalidArgumentError("a bech32 address in mixed case, wanted one case");
  }
  const size_t separator = lower.rfind('1');
  if (separator == std::string::npos || separator == 0 ||
      lower.size() - separator - 1 < kBech32ChecksumSize) {
    return absl::InvalidArgumentError(
        "no bech32 address: wanted a prefix, then '1', then at least six characters");
  }
  Bech32 out;
  out.hrp = lower.substr(0, separator);
  for (const char c : out.hrp) {
    if (c < 33 || c > 126) {
      return absl::InvalidArgumentError("a bech32 prefix with a character that is not printable");
    }
  }
  for (size_t i = separator + 1; i < lower.size(); ++i) {
    const size_t group = kBech32.find(lower[i]);
    if (group == absl::string_view::npos) {
      return absl::InvalidArgumentError(absl::StrCat("character ", i, " is '", text.substr(i, 1),
                                                     "', which bech32 does not use"));
    }
    out.data.push_back(static_cast<uint8_t>(group));
  }
  std::vector<uint8_t> covered = ExpandHrp(out.hrp);
  AppendBytes(out.data, &covered);
  out.constant = Polymod(covered);
  if (out.constant != kBech32Constant && out.constant != kBech32mConstant) {
    return absl::InvalidArgumentError("the bech32 checksum does not match: a mistyped address");
  }
  out.data.resize(out.data.size() - kBech32ChecksumSize);
  return out;
}

absl::StatusOr<ScriptId> DecodeWitness(const Network& network, absl::string_view text) {
  SPOOR_ASSIGN_OR_RETURN(const Bech32 bech32, DecodeBech32(text));
  if (bech32.hrp != network.bech32_hrp) {
    return absl::InvalidArgumentError(absl::StrCat("an address with prefix \"", bech32.hrp,
                                                   "\", wanted \"", network.bech32_hrp,
                                                   "\" for network ", network.name));
  }
  if (bech32.data.empty()) return absl::InvalidArgumentError("a bech32 address without data");
  const int version = bech32.data[0];
  if (version > 16) {
    return absl::InvalidArgumentError(
        absl::StrCat("witness version ", version, ", wanted at most 16"));
  }
  if (bech32.constant != ChecksumConstant(version)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "witness version ", version, " with the checksum of ", version == 0 ? "bech32m" : "bech32",
        ", wanted ", version == 0 ? "bech32" : "bech32m"));
  }
  const auto program = Regroup(ByteSpan(bech32.data).subspan(1), 5, 8, /*pad=*/false);
  if (!program.has_value()) {
    return absl::InvalidArgumentError("the bits of a bech32 address do not end at a whole byte");
  }
  if (program->size() < 2 || program->size() > 40) {
    return absl::InvalidArgumentError(
        absl::StrCat("a witness program of ", program->size(), " bytes, wanted 2 to 40"));
  }
  if (version == 0 && program->size() != 20 && program->size() != 32) {
    return absl::InvalidArgumentError(absl::StrCat("a witness program of ", program->size(),
                                                   " bytes for version 0, wanted 20 or 32"));
  }
  Bytes payload = {static_cast<uint8_t>(version)};
  AppendBytes(*program, &payload);
  // By way of the script, which has a kind of its own for some versions and sizes.
  return ClassifyScript(ScriptFromId({ScriptKind::kWitness, std::move(payload)}).value());
}

// --- Addresses in base 58 ---

// The networks whose addresses have this version byte, for a message.
std::string NetworksOfPrefix(uint8_t prefix) {
  std::vector<absl::string_view> names;
  for (const Network* n : AllNetworks()) {
    if (prefix == n->pubkey_prefix || prefix == n->script_prefix ||
        prefix == n->old_script_prefix) {
      names.push_back(n->name);
    }
  }
  return names.empty() ? "no known network" : absl::StrJoin(names, ", ");
}

absl::StatusOr<ScriptId> DecodeHashAddress(const Network& network, absl::string_view text) {
  SPOOR_ASSIGN_OR_RETURN(const Bytes bytes, DecodeBase58Check(text));
  const uint8_t prefix = bytes[0];
  if (bytes.size() != 21) {
    return absl::InvalidArgumentError(
        absl::StrCat("base58 of ", bytes.size() - 1, " bytes, wanted the 20 of an address"));
  }
  const bool script = prefix == network.script_prefix || prefix == network.old_script_prefix;
  if (prefix != network.pubkey_prefix && !script) {
    return absl::InvalidArgumentError(absl::StrCat("an address with version byte ", prefix, " (",
                                                   NetworksOfPrefix(prefix),
                                                   "), wanted one of network ", network.name));
  }
  return ScriptId{script ? ScriptKind::kP2sh : ScriptKind::kP2pkh,
                  Bytes(bytes.begin() + 1, bytes.end())};
}

// Whether `text` is meant as bech32 and its faults should be told as such: it begins as the
// addresses of some network do, which none in base 58 does, or it is sound but for its prefix.
bool LooksLikeBech32(absl::string_view text) {
  for (const Network* network : AllNetworks()) {
    if (absl::StartsWithIgnoreCase(text, absl::StrCat(network->bech32_hrp, "1"))) return true;
  }
  return DecodeBech32(text).ok();
}

// The inside of "`name`(...)"; nullopt if `text` is not of that form.
std::optional<absl::string_view> Inside(absl::string_view text, absl::string_view name) {
  if (!absl::ConsumePrefix(&text, name) || !absl::ConsumePrefix(&text, "(") ||
      !absl::ConsumeSuffix(&text, ")")) {
    return std::nullopt;
  }
  return text;
}

}  // namespace

std::string EncodeBase58Check(uint8_t version, ByteSpan payload) {
  Bytes bytes = {version};
  AppendBytes(payload, &bytes);
  const Digest256 checksum = Sha256d(bytes);
  AppendBytes(ByteSpan(checksum).first(kChecksumSize), &bytes);

  const size_t zeros = LeadingZeros(bytes);
  std::string out(zeros, kBase58[0]);
  for (const uint8_t digit : ConvertBase(ByteSpan(bytes).subspan(zeros), 256, 58)) {
    out.push_back(kBase58[digit]);
  }
  return out;
}

absl::StatusOr<Bytes> DecodeBase58Check(absl::string_view text) {
  if (text.size() > kMaxBase58Size) {
    return absl::InvalidArgumentError(
        absl::StrCat("base58 of ", text.size(), " characters, wanted at most ", kMaxBase58Size));
  }
  std::vector<uint8_t> digits;
  for (size_t i = 0; i < text.size(); ++i) {
    const size_t digit = kBase58.find(text[i]);
    if (digit == absl::string_view::npos) {
      return absl::InvalidArgumentError(absl::StrCat("character ", i, " is '", text.substr(i, 1),
                                                     "', which base58 does not use"));
    }
    digits.push_back(static_cast<uint8_t>(digit));
  }
  const size_t zeros = LeadingZeros(digits);
  Bytes bytes(zeros);
  AppendBytes(ConvertBase(ByteSpan(digits).subspan(zeros), 58, 256), &bytes);
  if (bytes.size() < 1 + kChecksumSize) {
    return absl::InvalidArgumentError(
        absl::StrCat("base58 of ", bytes.size(), " bytes, wanted a version and a checksum"));
  }
  const ByteSpan checksum = ByteSpan(bytes).last(kChecksumSize);
  const Digest256 digest = Sha256d(ByteSpan(bytes).first(bytes.size() - kChecksumSize));
  if (checksum != ByteSpan(digest).first(kChecksumSize)) {
    return absl::InvalidArgumentError("the base58 checksum does not match: a mistyped address");
  }
  bytes.resize(bytes.size() - kChecksumSize);
  return bytes;
}

std::optional<std::string> EncodeAddress(const Network& network, const ScriptId& id) {
  const ByteSpan payload = id.payload;
  switch (id.kind) {
    case ScriptKind::kP2pkh:
      return EncodeBase58Check(network.pubkey_prefix, payload);
    case ScriptKind::kP2sh:
      return EncodeBase58Check(network.script_prefix, payload);
    case ScriptKind::kP2wpkh:
    case ScriptKind::kP2wsh:
      return EncodeWitness(network.bech32_hrp, 0, payload);
    case ScriptKind::kP2tr:
      return EncodeWitness(network.bech32_hrp, 1, payload);
    case ScriptKind::kWitness:
      // Version 0 has meaning for 20 and 32 bytes only; BIP 173 forbids an address for the rest.
      if (payload[0] == 0) return std::nullopt;
      return EncodeWitness(network.bech32_hrp, payload[0], payload.subspan(1));
    case ScriptKind::kP2pk:
    case ScriptKind::kMultisig:
    case ScriptKind::kOther:
    case ScriptKind::kUnspendable:
      break;
  }
  return std::nullopt;
}

absl::StatusOr<ScriptId> DecodeAddress(const Network& network, absl::string_view text) {
  if (text.empty()) return absl::InvalidArgumentError("an empty address");
  return LooksLikeBech32(text) ? DecodeWitness(network, text) : DecodeHashAddress(network, text);
}

std::string ScriptText(const Network& network, const ScriptId& id) {
  if (std::optional<std::string> address = EncodeAddress(network, id)) return *std::move(address);
  switch (id.kind) {
    case ScriptKind::kP2pk:
      return absl::StrCat("pk(", ToHex(id.payload), ")");
    case ScriptKind::kOther:
      return absl::StrCat("script:", ToHex(id.payload));
    case ScriptKind::kUnspendable:
      return "unspendable";
    default:
      return absl::StrCat("raw(", ToHex(ScriptFromId(id).value()), ")");
  }
}

absl::StatusOr<ScriptId> ScriptFromText(const Network& network, absl::string_view text) {
  if (const auto hex = Inside(text, "pk")) {
    SPOOR_ASSIGN_OR_RETURN(const Bytes key, FromHex(*hex));
    const ScriptId id{ScriptKind::kP2pk, key};
    // A key of another length or prefix would make a script of another kind.
    if (key.size() > 65 || ClassifyScript(ScriptFromId(id).value()) != id) {
      return absl::InvalidArgumentError(
          absl::StrCat("pk() of ", key.size(), " bytes, wanted a public key of 33 or 65"));
    }
    return id;
  }
  if (const auto hex = Inside(text, "raw")) {
    SPOOR_ASSIGN_OR_RETURN(const Bytes script, FromHex(*hex));
    ScriptId id = ClassifyScript(script);
    if (id.kind == ScriptKind::kUnspendable) {
      return absl::InvalidArgumentError("a script that nobody can spend, wanted a holder's");
    }
    return id;
  }
  if (absl::ConsumePrefix(&text, "script:")) {
    SPOOR_ASSIGN_OR_RETURN(Bytes hash, FromHex(text));
    if (hash.size() != 32) {
      return absl::InvalidArgumentError(
          absl::StrCat("a script hash of ", hash.size(), " bytes, wanted 32"));
    }
    return ScriptId{ScriptKind::kOther, std::move(hash)};
  }
  return DecodeAddress(network, text);
}

}  // namespace spoor
