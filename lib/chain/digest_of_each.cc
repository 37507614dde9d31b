#include <memory>
#include <vector>

#include "spoor/base/status_macros.h"
#include "spoor/chain/digest.h"
#ifdef __x86_64__
#include "intel-ipsec-mb.h"
#endif

namespace spoor {
namespace {

void OneByOne(absl::Span<const ByteSpan> messages, absl::Span<Digest256> digests) {
  for (size_t i = 0; i < messages.size(); ++i) digests[i] = Sha256(messages[i]);
}

#ifdef __x86_64__

// A message this long would go on alone when the others have ended, and is faster by itself.
constexpr size_t kMostBytesInLanes = 4096;

struct FreeLanes {
  void operator()(IMB_MGR* lanes) const { free_mb_mgr(lanes); }
};

// The lanes of the calling thread, for the best instructions that the processor has; null if there
// is no memory for them.
IMB_MGR* Lanes() {
  thread_local const std::unique_ptr<IMB_MGR, FreeLanes> lanes = [] {
    std::unique_ptr<IMB_MGR, FreeLanes> made(alloc_mb_mgr(/*flags=*/0));
    if (made == nullptr) return made;
    IMB_ARCH widest = IMB_ARCH_NONE;
    init_mb_mgr_auto(made.get(), &widest);
    // Two lanes of the processor's own SHA instructions are faster than eight of AVX2, and it is
    // what the library takes for SSE that has them.
    if (widest <= IMB_ARCH_AVX2 && (made->features & IMB_FEATURE_SHANI) != 0) {
      init_mb_mgr_sse(made.get());
    }
    if (imb_get_errno(made.get()) != 0) made.reset();
    return made;
  }();
  return lanes.get();
}

void InLanes(IMB_MGR* lanes, absl::Span<const ByteSpan> messages, absl::Span<Digest256> digests) {
  for (size_t i = 0; i < messages.size(); ++i) {
    if (messages[i].size() > kMostBytesInLanes) {
      digests[i] = Sha256(messages[i]);
      continue;
    }
    IMB_JOB* job = IMB_GET_NEXT_JOB(lanes);
    job->cipher_mode = IMB_CIPHER_NULL;
    job->cipher_direction = IMB_DIR_ENCRYPT;
    job->chain_order = IMB_ORDER_HASH_CIPHER;
    job->hash_alg = IMB_AUTH_SHA_256;
    job->src = messages[i].data();
    job->hash_start_src_offset_in_bytes = 0;
    job->msg_len_to_hash_in_bytes = messages[i].size();
    job->auth_tag_output = digests[i].data();
    job->auth_tag_output_len_in_bytes = digests[i].size();
    for (job = IMB_SUBMIT_JOB_NOCHECK(lanes); job != nullptr; job = IMB_GET_COMPLETED_JOB(lanes)) {
      SPOOR_CHECK(job->status == IMB_STATUS_COMPLETED);
    }
  }
  while (const IMB_JOB* job = IMB_FLUSH_JOB(lanes)) {
    SPOOR_CHECK(job->status == IMB_STATUS_COMPLETED);
  }
}

#endif

}  // namespace

void Sha256OfEach(absl::Span<const ByteSpan> messages, absl::Span<Digest256> digests) {
  SPOOR_CHECK(messages.size() == digests.size());
#ifdef __x86_64__
  // Of fewer most of the lanes would be empty.
  constexpr size_t kFewestInLanes = 3;
  if (IMB_MGR* lanes = messages.size() < kFewestInLanes ? nullptr : Lanes(); lanes != nullptr) {
    return InLanes(lanes, messages, digests);
  }
#endif
  OneByOne(messages, digests);
}

void Sha256dOfEach(absl::Span<const ByteSpan> messages, absl::Span<Digest256> digests) {
  std::vector<Digest256> inner(messages.size());
  Sha256OfEach(messages, absl::MakeSpan(inner));
  Sha256OfEach(std::vector<ByteSpan>(inner.begin(), inner.end()), digests);
}

}  // namespace spoor
