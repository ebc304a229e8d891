import { describe, expect, test } from "vitest";
import { determineIpAddressSpace, impliedIpAddressSpace, isLessPublic } from "../../src/protocol/index.ts";

describe("24.01: an address space", () => {
  test.each([
    // The first and the last address of each block, and their neighbours outside.
    ["126.255.255.255", "public"],
    ["127.0.0.0", "loopback"],
    ["127.255.255.255", "loopback"],
    ["128.0.0.0", "public"],
    ["9.255.255.255", "public"],
    ["10.0.0.0", "local"],
    ["10.255.255.255", "local"],
    ["11.0.0.0", "public"],
    ["100.63.255.255", "public"],
    ["100.64.0.0", "local"],
    ["100.127.255.255", "local"],
    ["100.128.0.0", "public"],
    ["172.15.255.255", "public"],
    ["172.16.0.0", "local"],
    ["172.31.255.255", "local"],
    ["172.32.0.0", "public"],
    ["192.167.255.255", "public"],
    ["192.168.0.0", "local"],
    ["192.168.255.255", "local"],
    ["192.169.0.0", "public"],
    ["198.17.255.255", "public"],
    ["198.18.0.0", "loopback"],
    ["198.19.255.255", "loopback"],
    ["198.20.0.0", "public"],
    ["169.253.255.255", "public"],
    ["169.254.0.0", "local"],
    ["169.254.255.255", "local"],
    ["169.255.0.0", "public"],
    ["0.0.0.0", "loopback"],
    ["0.0.0.1", "local"],
    ["0.255.255.255", "local"],
    ["1.0.0.0", "public"],
    ["8.8.8.8", "public"],
    ["::", "loopback"],
    ["::1", "loopback"],
    ["::2", "public"],
    ["fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "public"],
    ["fc00::", "local"],
    ["fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "local"],
    ["fe00::", "public"],
    ["fe7f:ffff::", "public"],
    ["fe80::", "local"],
    ["febf:ffff::1", "local"],
    ["fec0::", "local"],
    ["feff:ffff::1", "local"],
    ["ff00::", "public"],
    ["2001:db7:ffff::", "public"],
    ["2001:db8::", "local"],
    ["2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "local"],
    ["2001:db9::", "public"],
    ["3ffe:ffff::", "public"],
    ["3fff::", "local"],
    ["3fff:fff:ffff::", "local"],
    ["3fff:1000::", "public"],
    ["2606:4700::1111", "public"],
    // IPv4-mapped: the IPv4 address counts.
    ["::ffff:127.0.0.1", "loopback"],
    ["::FFFF:10.1.2.3", "local"],
    ["::ffff:7f00:1", "loopback"],
    ["::ffff:8.8.8.8", "public"],
    ["::fffe:127.0.0.1", "public"],
    ["64:ff9b::10.0.0.1", "public"],
    // As URLs and sockets write them.
    ["[::1]", "loopback"],
    ["[fd00::1]", "local"],
    ["fe80::1%eth0", "local"],
  ])("of %s is %s", (address, space) => {
    expect(determineIpAddressSpace(address)).toBe(space);
  });

  test.each([
    "",
    "localhost",
    "10",
    "10.0.0",
    "10.0.0.256",
    "10.0.0.0.1",
    "1.2.3.x",
    ":::",
    "::g",
    "1:2",
    "[::1",
    "::1]",
  ])("%j is no address", (address) => {
    expect(determineIpAddressSpace(address)).toBeNull();
  });

  test("is less public than another if fewer machines can reach it", () => {
    const spaces = ["loopback", "local", "public"] as const;
    const pairs = spaces.flatMap((lhs) => spaces.map((rhs) => [lhs, rhs] as const));
    expect(pairs.filter(([lhs, rhs]) => isLessPublic(lhs, rhs))).toEqual([
      ["loopback", "local"],
      ["loopback", "public"],
      ["local", "public"],
    ]);
  });
});

test.each([
  ["192.168.1.1", "local"],
  ["[fd00::1]", "local"],
  ["printer.local", "local"],
  ["a.printer.local.", "local"],
  ["127.0.0.1", null],
  ["localhost", null],
  ["8.8.8.8", null],
  ["local", null],
  ["nonlocal", null],
  ["local.example", null],
])("24.04: the host %s tells of the address space %s", (hostname, space) => {
  expect(impliedIpAddressSpace(hostname)).toBe(space);
});
