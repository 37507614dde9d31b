#include "spoor/chain/digest.h"

#include "crypto++/keccak.h"
#include "crypto++/ripemd.h"
#include "crypto++/sha.h"

namespace spoor {
namespace {

// Final() leaves a Crypto++ hasher as good as new, so one on the stack serves every round.
void Finish(CryptoPP::SHA256& hasher, std::initializer_list<ByteSpan> pieces, Digest256* out) {
  for (const ByteSpan piece : pieces) hasher.Update(piece.data(), piece.size());
  hasher.Final(out->data());
}

}  // namespace

Digest256 Sha256(std::initializer_list<ByteSpan> pieces) {
  CryptoPP::SHA256 hasher;
  Digest256 out;
  Finish(hasher, pieces, &out);
  return out;
}

Digest256 Sha256d(std::initializer_list<ByteSpan> pieces) {
  CryptoPP::SHA256 hasher;
  Digest256 out;
  Finish(hasher, pieces, &out);
  Finish(hasher, {out}, &out);
  return out;
}

Digest160 Ripemd160(ByteSpan bytes) {
  CryptoPP::RIPEMD160 hasher;
  Digest160 out;
  hasher.Update(bytes.data(), bytes.size());
  hasher.Final(out.data());
  return out;
}

Digest160 Hash160(ByteSpan bytes) { return Ripemd160(Sha256(bytes)); }

Digest256 Keccak256(ByteSpan bytes) {
  CryptoPP::Keccak_256 hasher;
  Digest256 out;
  hasher.Update(bytes.data(), bytes.size());
  hasher.Final(out.data());
  return out;
}

Digest256 TaggedHash(absl::string_view tag, std::initializer_list<ByteSpan> pieces) {
  CryptoPP::SHA256 hasher;
  Digest256 tag_hash;
  Finish(hasher, {AsBytes(tag)}, &tag_hash);
  for (int i = 0; i < 2; ++i) hasher.Update(tag_hash.data(), tag_hash.size());
  Digest256 out;
  Finish(hasher, pieces, &out);
  return out;
}

}  // namespace spoor
