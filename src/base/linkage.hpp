#pragma once

namespace mpbridge::base {

// Whether this program needs no shared library. The C library then knows the names of no hosts,
// users and groups, as it asks shared libraries for them.
#ifdef MPBRIDGE_STATIC
inline constexpr bool linked_statically = true;
#else
inline constexpr bool linked_statically = false;
#endif

} // namespace mpbridge::base
