#include "ports/host_lookup.hpp"

#include <boost/asio/io_context.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mpbridge::ports {
namespace {

using boost::asio::ip::make_address;
using boost::asio::ip::tcp;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

tcp::endpoint at(const char* address, std::uint16_t port) { return {make_address(address), port}; }

TEST(NumericLookUp, TakesAddressesOfBothKinds) {
    EXPECT_THAT(look_up_numeric("192.0.2.1", 2217).value(), ElementsAre(at("192.0.2.1", 2217)));
    EXPECT_THAT(look_up_numeric("2001:db8::1", 1).value(), ElementsAre(at("2001:db8::1", 1)));
}

TEST(NumericLookUp, KnowsLocalhost) {
    EXPECT_THAT(look_up_numeric("localhost", 2218).value(),
                ElementsAre(at("127.0.0.1", 2218), at("::1", 2218)));
}

TEST(NumericLookUp, TellsWhyItCannotLookUpAName) {
    for (const auto* name : {"board.example", "127.0.0.1.example", ""}) {
        const auto found = look_up_numeric(name, 2217);
        ASSERT_FALSE(found) << name;
        EXPECT_THAT(found.error().message, AllOf(HasSubstr("statically linked"), HasSubstr(name)));
    }
}

TEST(LookUp, FindsEachAddressOfLocalhostOnce) {
    boost::asio::io_context io;
    tcp::resolver resolver(io);
    const auto found = look_up(resolver, "localhost", 2217).value();
    EXPECT_THAT(found, Contains(at("127.0.0.1", 2217)));
    for (const auto& endpoint : found) {
        EXPECT_THAT(found, Contains(endpoint).Times(1));
    }
}

} // namespace
} // namespace mpbridge::ports
