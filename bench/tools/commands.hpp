#pragma once

namespace mpbridge::bench {

// What the program behind a bridge does: as it is told by bytes it reads, at next to no cost.
//
//   s                     says S
//   e COUNT               sends the next COUNT bytes back, each at once
//   o COUNT KIND          sends COUNT bytes of that kind (pattern.hpp)
//   i COUNT               reads COUNT bytes of text and says ! if they are right, else ?
//
// A COUNT has eight hexadecimal digits. Other bytes are ignored. Returns when the input has ended.
void obey(int input, int output);

} // namespace mpbridge::bench
