#include "ports/writer.hpp"

#include "posix/descriptor.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <string>

namespace mpbridge::ports {
namespace {

// Doubles every byte, so that what was encoded shows.
void twice(base::ByteView data, base::Bytes& wire) {
    for (const auto byte : data) {
        wire.insert(wire.end(), {byte, byte});
    }
}

class WriterTest : public testing::Test {
  protected:
    void SetUp() override {
        std::array<int, 2> ends{};
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
        near_ = posix::Descriptor(ends[0]);
        far_ = posix::Descriptor(ends[1]);
    }

    Writer::Send to_near() {
        return [this](base::ByteView bytes) { return posix::send_some(near_.get(), bytes); };
    }

    std::string arrived() {
        std::string all;
        base::Bytes buffer(100'000);
        for (;;) {
            const auto got = posix::receive_some(far_.get(), buffer);
            if (got.count == 0) {
                return all;
            }
            all += base::text_of(base::ByteView(buffer).first(got.count));
        }
    }

    // Fills the socket with data; returns how much.
    std::size_t block(Writer& writer) {
        std::size_t total = 0;
        while (writer.idle()) {
            writer.data(base::Bytes(10'000, '.'));
            total += 10'000;
        }
        return total;
    }

    std::string drain(Writer& writer) {
        std::string all;
        while (!writer.idle()) {
            all += arrived();
            writer.flush();
        }
        return all + arrived();
    }

    posix::Descriptor near_;
    posix::Descriptor far_;
};

TEST_F(WriterTest, SendsAtOnce) {
    Writer writer(to_near(), {});
    writer.data(base::bytes_of("data"));
    writer.reply(base::bytes_of("reply"));
    EXPECT_TRUE(writer.idle());
    EXPECT_EQ(arrived(), "datareply");
}

TEST_F(WriterTest, EncodesDataAndNotReplies) {
    Writer writer(to_near(), twice);
    writer.data(base::bytes_of("ab"));
    writer.reply(base::bytes_of("cd"));
    EXPECT_EQ(arrived(), "aabbcd");
}

TEST_F(WriterTest, LosesNothingToASlowReader) {
    for (const bool encoded : {false, true}) {
        Writer writer(to_near(), encoded ? Writer::Encoder(twice) : Writer::Encoder());
        auto expected = std::string(block(writer) * (encoded ? 2 : 1), '.');
        EXPECT_TRUE(writer.blocked());
        writer.data(base::bytes_of("end"));
        expected += encoded ? "eenndd" : "end";
        EXPECT_EQ(drain(writer), expected);
    }
}

TEST_F(WriterTest, DropsDataAndKeepsReplies) {
    Writer writer(to_near(), {});
    const auto sent = block(writer);
    writer.data(base::bytes_of("dropped"));
    writer.reply(base::bytes_of("reply"));
    writer.drop_data();
    const auto all = drain(writer);
    EXPECT_TRUE(all.ends_with("reply"));
    EXPECT_EQ(all.find("dropped"), std::string::npos);
    EXPECT_LT(all.size(), sent + 5);
}

TEST_F(WriterTest, HoldsDataButNotRepliesWhileSuspended) {
    Writer writer(to_near(), twice);
    writer.suspend(true);
    writer.data(base::bytes_of("a"));
    writer.reply(base::bytes_of("reply"));
    EXPECT_FALSE(writer.idle());
    EXPECT_FALSE(writer.blocked());
    EXPECT_EQ(arrived(), "reply");
    writer.suspend(false);
    EXPECT_TRUE(writer.idle());
    EXPECT_EQ(arrived(), "aa");
}

TEST_F(WriterTest, IsOverdueWhenRepliesAreNotRead) {
    Writer writer(to_near(), {});
    block(writer);
    EXPECT_FALSE(writer.overdue());
    writer.reply(base::Bytes(300'000, 'r'));
    EXPECT_TRUE(writer.overdue());
    drain(writer);
    EXPECT_FALSE(writer.overdue());
}

TEST_F(WriterTest, FailsWhenTheReaderIsGoneAndThenKeepsNothing) {
    Writer writer(to_near(), {});
    far_.reset();
    writer.data(base::bytes_of("lost"));
    EXPECT_TRUE(writer.failed());
    EXPECT_TRUE(writer.idle());
}

} // namespace
} // namespace mpbridge::ports
