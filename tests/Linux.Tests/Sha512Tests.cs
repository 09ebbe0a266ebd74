using System.Text;

namespace Linux.Tests;

public sealed class Sha512Tests
{
    // FIPS 180-4 examples (csrc.nist.gov, SHA512.pdf) and the one-million-'a' vector of FIPS 180-2, appendix C.3.
    [Theory]
    [InlineData(
        "",
        1,
        "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e")]
    [InlineData(
        "abc",
        1,
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f")]
    [InlineData(
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
        1,
        "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909")]
    [InlineData(
        "a",
        1_000_000,
        "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973ebde0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b")]
    public void Published_vectors(string text, int times, string expected)
    {
        byte[] hash = new byte[Sha512.HashSize];
        Sha512.HashData(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(text, times))), hash);
        Assert.Equal(expected, Convert.ToHexStringLower(hash));
    }

    // The test may use the system's library; the product may not.
    [Theory]
    [InlineData(110)]
    [InlineData(111)]
    [InlineData(112)]
    [InlineData(113)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(239)]
    [InlineData(240)]
    [InlineData(255)]
    [InlineData(256)]
    public void Lengths_at_the_edges_of_the_padding(int length)
    {
        byte[] data = [.. Enumerable.Range(0, length).Select(static i => (byte)i)];
        byte[] hash = new byte[Sha512.HashSize];
        Sha512.HashData(data, hash);
        Assert.Equal(System.Security.Cryptography.SHA512.HashData(data), hash);
    }

    [Fact]
    public void A_prefix_is_of_the_parts_joined_by_NUL()
    {
        string whole = Convert.ToHexStringLower(System.Security.Cryptography.SHA512.HashData("net\0pod\0eth0"u8));
        Assert.Equal(whole, Sha512.HexPrefix(128, "net", "pod", "eth0"));
        Assert.Equal(whole[..16], Sha512.HexPrefix(16, "net", "pod", "eth0"));
        Assert.Equal(whole[..11], Sha512.HexPrefix(11, "net", "pod", "eth0"));
        Assert.NotEqual(Sha512.HexPrefix(16, "ab", "c"), Sha512.HexPrefix(16, "a", "bc"));
    }
}
