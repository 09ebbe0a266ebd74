using Netlink.WireGuard;

namespace Agent.Overlay;

/// <summary>
/// The public key of a private one: multiplication of the base point of Curve25519 (X25519, RFC 7748). .NET 10 has no X25519, and the
/// kernel tells public keys of tunnels alone, which a node without a network of that kind has not. Its time does not depend on the key.
/// </summary>
public static class X25519
{
    /// <summary>What a private key is taken for (decodeScalar25519, RFC 7748, section 5); the kernel keeps it so.</summary>
    public static WireGuardKey Clamp(WireGuardKey privateKey)
    {
        Span<byte> bytes = stackalloc byte[WireGuardKey.Size];
        privateKey.CopyTo(bytes);
        bytes[0] &= 0xf8;
        bytes[^1] = (byte)((bytes[^1] & 0x7f) | 0x40);
        return new WireGuardKey(bytes);
    }

    /// <summary>The public key.</summary>
    public static WireGuardKey PublicKeyOf(WireGuardKey privateKey)
    {
        Span<byte> scalar = stackalloc byte[WireGuardKey.Size];
        Clamp(privateKey).CopyTo(scalar);
        // The Montgomery ladder of RFC 7748, section 5, with its names.
        FieldElement x1 = FieldElement.Of(9), x2 = FieldElement.Of(1), z2 = default, x3 = x1, z3 = FieldElement.Of(1);
        ulong swap = 0;
        for (int t = 254; t >= 0; t--)
        {
            ulong bit = (ulong)(scalar[t / 8] >> (t % 8)) & 1;
            swap ^= bit;
            FieldElement.Swap(swap, ref x2, ref x3);
            FieldElement.Swap(swap, ref z2, ref z3);
            swap = bit;
            FieldElement a = x2 + z2, b = x2 - z2, aa = a * a, bb = b * b, e = aa - bb;
            FieldElement da = (x3 - z3) * a, cb = (x3 + z3) * b;
            FieldElement sum = da + cb, difference = da - cb;
            x3 = sum * sum;
            z3 = x1 * (difference * difference);
            x2 = aa * bb;
            z2 = e * (aa + (FieldElement.Of(121665) * e));
        }
        FieldElement.Swap(swap, ref x2, ref x3);
        FieldElement.Swap(swap, ref z2, ref z3);
        (x2 * z2.Inverse()).CopyTo(scalar);
        return new WireGuardKey(scalar);
    }

    /// <summary>
    /// A number modulo 2^255 - 19 in five limbs of 51 bits. Products are carried, so their limbs are below 2^52; sums and differences of
    /// products are below 2^54 and may be multiplied, not subtracted.
    /// </summary>
    private readonly struct FieldElement(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4)
    {
        private const int Bits = 51;
        private const ulong Mask = (1UL << Bits) - 1;

        // 2^255 is 19.
        private const ulong Fold = 19;

        // Four times the modulus.
        private const ulong Lowest = 4 * (Mask - 18);
        private const ulong Others = 4 * Mask;

        private readonly ulong _0 = l0, _1 = l1, _2 = l2, _3 = l3, _4 = l4;

        public static FieldElement operator +(FieldElement a, FieldElement b) =>
            new(a._0 + b._0, a._1 + b._1, a._2 + b._2, a._3 + b._3, a._4 + b._4);

        public static FieldElement operator -(FieldElement a, FieldElement b) => new(
            a._0 + Lowest - b._0, a._1 + Others - b._1, a._2 + Others - b._2, a._3 + Others - b._3, a._4 + Others - b._4);

        public static FieldElement operator *(FieldElement a, FieldElement b)
        {
            ulong f1 = Fold * b._1, f2 = Fold * b._2, f3 = Fold * b._3, f4 = Fold * b._4;
            UInt128 r0 = Product(a._0, b._0) + Product(a._1, f4) + Product(a._2, f3) + Product(a._3, f2) + Product(a._4, f1);
            UInt128 r1 = Product(a._0, b._1) + Product(a._1, b._0) + Product(a._2, f4) + Product(a._3, f3) + Product(a._4, f2);
            UInt128 r2 = Product(a._0, b._2) + Product(a._1, b._1) + Product(a._2, b._0) + Product(a._3, f4) + Product(a._4, f3);
            UInt128 r3 = Product(a._0, b._3) + Product(a._1, b._2) + Product(a._2, b._1) + Product(a._3, b._0) + Product(a._4, f4);
            UInt128 r4 = Product(a._0, b._4) + Product(a._1, b._3) + Product(a._2, b._2) + Product(a._3, b._1) + Product(a._4, b._0);
            r1 += r0 >> Bits;
            r2 += r1 >> Bits;
            r3 += r2 >> Bits;
            r4 += r3 >> Bits;
            UInt128 lowest = ((ulong)r0 & Mask) + (Fold * (r4 >> Bits));
            return new FieldElement(
                (ulong)lowest & Mask,
                ((ulong)r1 & Mask) + (ulong)(lowest >> Bits),
                (ulong)r2 & Mask,
                (ulong)r3 & Mask,
                (ulong)r4 & Mask);
        }

        public static FieldElement Of(ulong number) => new(number, 0, 0, 0, 0);

        /// <summary>Exchanges two numbers if <paramref name="condition"/> is 1, and does the same work if it is 0.</summary>
        public static void Swap(ulong condition, ref FieldElement a, ref FieldElement b)
        {
            ulong mask = 0 - condition;
            ulong d0 = mask & (a._0 ^ b._0), d1 = mask & (a._1 ^ b._1), d2 = mask & (a._2 ^ b._2);
            ulong d3 = mask & (a._3 ^ b._3), d4 = mask & (a._4 ^ b._4);
            a = new FieldElement(a._0 ^ d0, a._1 ^ d1, a._2 ^ d2, a._3 ^ d3, a._4 ^ d4);
            b = new FieldElement(b._0 ^ d0, b._1 ^ d1, b._2 ^ d2, b._3 ^ d3, b._4 ^ d4);
        }

        /// <summary>The power of modulus - 2, all of whose 255 bits but those of 4 and 16 are set.</summary>
        public FieldElement Inverse()
        {
            FieldElement power = this;
            for (int bit = 253; bit >= 0; bit--)
            {
                power *= power;
                if (bit is not (2 or 4))
                    power *= this;
            }
            return power;
        }

        /// <summary>Writes it in 32 bytes, the least significant first, as the smallest number that is the same.</summary>
        public void CopyTo(Span<byte> bytes)
        {
            UInt128 high = 0;
            ReadOnlySpan<ulong> limbs = [.. Carried()];
            // Plus 19 it reaches 2^255 exactly if it is not below the modulus.
            ulong excess = (limbs[0] + Fold) >> Bits;
            for (int i = 1; i < limbs.Length; i++)
                excess = (limbs[i] + excess) >> Bits;
            ulong carry = Fold * excess;
            int held = 0, at = 0;
            for (int i = 0; i < limbs.Length; i++)
            {
                ulong limb = limbs[i] + carry;
                carry = limb >> Bits;
                high |= (UInt128)(limb & Mask) << held;
                for (held += Bits; held >= 8; held -= 8, high >>= 8)
                    bytes[at++] = (byte)high;
            }
            bytes[at] = (byte)high;
        }

        /// <summary>The limbs, each below 2^51.</summary>
        private ulong[] Carried()
        {
            ulong[] limbs = [_0, _1, _2, _3, _4];
            // The second round carries at most one, the third none.
            for (int round = 0; round < 3; round++)
            {
                for (int i = 0; i < limbs.Length; i++)
                {
                    ulong carry = limbs[i] >> Bits;
                    limbs[i] &= Mask;
                    limbs[(i + 1) % limbs.Length] += i == limbs.Length - 1 ? Fold * carry : carry;
                }
            }
            return limbs;
        }

        private static UInt128 Product(ulong a, ulong b) => new(Math.BigMul(a, b, out ulong low), low);
    }
}
