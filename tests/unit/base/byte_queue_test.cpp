#include "base/byte_queue.hpp"

#include <gtest/gtest.h>

#include <string>

namespace mpbridge::base {
namespace {

std::string content(const ByteQueue& queue) { return std::string(text_of(queue.front())); }

TEST(ByteQueue, GivesBytesBackInOrder) {
    ByteQueue queue(100);
    EXPECT_EQ(queue.push(bytes_of("abc")), 3U);
    EXPECT_EQ(queue.push(bytes_of("def")), 3U);
    queue.pop(2);
    EXPECT_EQ(content(queue), "cdef");
}

TEST(ByteQueue, TakesNoMoreThanItsBound) {
    ByteQueue queue(4);
    EXPECT_EQ(queue.push(bytes_of("abcdef")), 4U);
    EXPECT_EQ(queue.room(), 0U);
    EXPECT_EQ(queue.push(bytes_of("x")), 0U);
    queue.pop(1);
    EXPECT_EQ(queue.push(bytes_of("xyz")), 1U);
    EXPECT_EQ(content(queue), "bcdx");
}

TEST(ByteQueue, PushFrontComesFirstAndMayExceedTheBound) {
    ByteQueue queue(4);
    queue.push(bytes_of("abcd"));
    queue.pop(1);
    queue.push_front(bytes_of("12345"));
    EXPECT_EQ(content(queue), "12345bcd");
    EXPECT_EQ(queue.room(), 0U);
}

TEST(ByteQueue, KeepsContentThroughManyPartialPops) {
    ByteQueue queue(1000);
    std::string expected;
    std::string seen;
    for (int i = 0; i < 5000; ++i) {
        const auto byte = static_cast<char>('a' + i % 26);
        if (queue.push(bytes_of(std::string_view(&byte, 1))) == 1) {
            expected += byte;
        }
        if (i % 3 == 0) {
            seen += text_of(queue.front().first(1));
            queue.pop(1);
        }
    }
    seen += content(queue);
    EXPECT_EQ(seen, expected);
}

TEST(ByteQueue, ClearEmptiesIt) {
    ByteQueue queue(1 << 20);
    queue.push(Bytes(1 << 20, 'x'));
    queue.clear();
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.room(), 1U << 20U);
}

} // namespace
} // namespace mpbridge::base
