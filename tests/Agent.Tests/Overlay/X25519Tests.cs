using System.Numerics;
using Agent.Overlay;
using Netlink.WireGuard;

namespace Agent.Tests.Overlay;

public sealed class X25519Tests
{
    private static readonly BigInteger s_modulus = BigInteger.Pow(2, 255) - 19;

    [Theory]
    // RFC 7748, section 6.1: Alice, Bob.
    [InlineData(
        "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
        "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")]
    [InlineData(
        "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
        "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")]
    // Section 5.2, the first iteration: the base point as a scalar.
    [InlineData(
        "0900000000000000000000000000000000000000000000000000000000000000",
        "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079")]
    // What Linux 6.1 says of the key that tests/Netlink.Tests/WireGuard/Golden has.
    [InlineData(
        "3030303030303030303030303030303030303030303030303030303030303031",
        "baf200be157b67db732f3a0ed37b7641dd6cb5c412e503b626b574cadeed2826")]
    public void Public_key_is_that_of_the_vector(string privateKey, string publicKey) =>
        Assert.Equal(publicKey, Hex(X25519.PublicKeyOf(new WireGuardKey(Convert.FromHexString(privateKey)))));

    [Fact]
    public void Public_keys_are_those_of_arithmetic_without_limbs()
    {
        Random random = new(3);
        byte[] bytes = new byte[WireGuardKey.Size];
        for (int i = 0; i < 100; i++)
        {
            random.NextBytes(bytes);
            WireGuardKey key = new(bytes);
            Assert.Equal(Reference(X25519.Clamp(key)), Hex(X25519.PublicKeyOf(key)));
        }
    }

    [Fact]
    public void Clamped_key_has_the_same_public_key()
    {
        WireGuardKey key = new(Enumerable.Repeat((byte)0xff, WireGuardKey.Size).ToArray());
        WireGuardKey clamped = X25519.Clamp(key);
        Assert.Equal("f8" + string.Concat(Enumerable.Repeat("ff", 30)) + "7f", Hex(clamped));
        Assert.Equal(X25519.PublicKeyOf(key), X25519.PublicKeyOf(clamped));
    }

    /// <summary>The ladder of RFC 7748, section 5, with numbers of any length.</summary>
    private static string Reference(WireGuardKey clamped)
    {
        BigInteger scalar = new(Bytes(clamped), isUnsigned: true);
        (BigInteger x2, BigInteger z2, BigInteger x3, BigInteger z3) = (1, 0, 9, 1);
        for (int t = 254; t >= 0; t--)
        {
            bool isSet = !((scalar >> t) & 1).IsZero;
            if (isSet)
                (x2, z2, x3, z3) = (x3, z3, x2, z2);
            BigInteger aa = BigInteger.ModPow(x2 + z2, 2, s_modulus), bb = BigInteger.ModPow(x2 - z2, 2, s_modulus), e = aa - bb;
            BigInteger da = (x3 - z3) * (x2 + z2), cb = (x3 + z3) * (x2 - z2);
            (x2, z2, x3, z3) = (
                aa * bb % s_modulus,
                e * (aa + (121665 * e)) % s_modulus,
                BigInteger.ModPow(da + cb, 2, s_modulus),
                9 * BigInteger.ModPow(da - cb, 2, s_modulus) % s_modulus);
            if (isSet)
                (x2, z2, x3, z3) = (x3, z3, x2, z2);
        }
        BigInteger result = x2 * BigInteger.ModPow(z2, s_modulus - 2, s_modulus) % s_modulus;
        byte[] bytes = new byte[WireGuardKey.Size];
        Assert.True(((result + s_modulus) % s_modulus).TryWriteBytes(bytes, out _, isUnsigned: true));
        return Convert.ToHexStringLower(bytes);
    }

    private static string Hex(WireGuardKey key) => Convert.ToHexStringLower(Bytes(key));

    private static byte[] Bytes(WireGuardKey key)
    {
        byte[] bytes = new byte[WireGuardKey.Size];
        key.CopyTo(bytes);
        return bytes;
    }
}
