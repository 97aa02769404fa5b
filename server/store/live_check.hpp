// SPDX-License-Identifier: MIT
//
// Where a running server can be held still, so that check_invariants() finds nothing in flight:
// before and after each turn of a session, and in upkeep, which looks whether somebody has asked.
// These are nothing, not even a symbol, but in the build for soak tests
// (tests/soak/live_check.cpp).
#pragma once

namespace tc {

class Store;

#if defined(TC_LIVE_CHECKS)

void before_turn() noexcept;
void after_turn() noexcept;
void check_if_asked(const Store& store) noexcept;

#else

[[gnu::always_inline]] constexpr void before_turn() noexcept {}
[[gnu::always_inline]] constexpr void after_turn() noexcept {}
[[gnu::always_inline]] constexpr void check_if_asked(const Store& /*store*/) noexcept {}

#endif

}  // namespace tc
