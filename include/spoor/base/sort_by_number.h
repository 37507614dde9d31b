#ifndef SPOOR_BASE_SORT_BY_NUMBER_H_
#define SPOOR_BASE_SORT_BY_NUMBER_H_

#include "boost/sort/spreadsort/integer_sort.hpp"

namespace spoor {

// Sorts by the number that `number` tells of each. There may be millions, and a comparison of any
// two is a branch that no processor foresees: they are dealt out by digits.
template <typename Iterator, typename Number>
void SortByNumber(Iterator begin, Iterator end, Number number) {
  boost::sort::spreadsort::integer_sort(
      begin, end, [&](const auto& v, unsigned shift) { return number(v) >> shift; },
      [&](const auto& a, const auto& b) { return number(a) < number(b); });
}

// Calls `visit` with the begin and end of each run of several that have the same number.
template <typename Iterator, typename Number, typename Visit>
void VisitEqual(Iterator begin, Iterator end, Number number, Visit visit) {
  while (begin != end) {
    const Iterator first = begin++;
    while (begin != end && number(*begin) == number(*first)) ++begin;
    if (begin - first > 1) visit(first, begin);
  }
}

}  // namespace spoor

#endif  // SPOOR_BASE_SORT_BY_NUMBER_H_
