namespace Netlink.Wire;

/// <summary>Attributes that were kept as they came, to be read by whoever knows them. Two are equal if their bytes are.</summary>
public readonly struct AttributeBlock : IEquatable<AttributeBlock>
{
    private readonly byte[]? _bytes;

    /// <summary>Copies attributes.</summary>
    public AttributeBlock(ReadOnlySpan<byte> bytes) => _bytes = bytes.ToArray();

    /// <summary>The attributes with their headers.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => Bytes.IsEmpty;

    /// <summary>Whether both have the same bytes.</summary>
    public static bool operator ==(AttributeBlock left, AttributeBlock right) => left.Equals(right);

    /// <summary>Whether they differ in a byte.</summary>
    public static bool operator !=(AttributeBlock left, AttributeBlock right) => !left.Equals(right);

    /// <summary>Reads them from the first one on.</summary>
    public AttributeReader Read() => new(Bytes);

    /// <inheritdoc/>
    public bool Equals(AttributeBlock other) => Bytes.SequenceEqual(other.Bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is AttributeBlock other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Bytes);
        return hash.ToHashCode();
    }

    /// <summary>The bytes in hexadecimal.</summary>
    public override string ToString() => Convert.ToHexString(Bytes);
}
