namespace Ipam;

/// <summary>Why addresses could not be managed; the layer above maps it to a CNI error code.</summary>
public enum IpamErrorKind
{
    /// <summary>A range, a range set or several of them are not usable as configured.</summary>
    InvalidRange,

    /// <summary>The request itself is wrong: two addresses of one range set, a name that is too long.</summary>
    InvalidRequest,

    /// <summary>A requested address lies in none of the range sets.</summary>
    AddressNotInRange,

    /// <summary>A requested address is a range's gateway.</summary>
    AddressIsGateway,

    /// <summary>A requested address is held by somebody who is not known to be dead.</summary>
    AddressTaken,

    /// <summary>The attachment holds addresses already, and is not known to be dead.</summary>
    DuplicateAllocation,

    /// <summary>Every address of a range set is held.</summary>
    RangeExhausted,

    /// <summary>Another ADD or DEL of the attachment is running.</summary>
    AttachmentBusy,

    /// <summary>Another process kept the store's lock for too long.</summary>
    StoreBusy,

    /// <summary>The store's files cannot be read or written: permissions, a full or read-only file system.</summary>
    StoreBroken,
}
