using System.Text;
using Cluster.Store;

namespace Cluster.Tests.Store;

/// <summary>Values as text.</summary>
internal static class TransactionTexts
{
    extension(StoreTransaction transaction)
    {
        public StoreTransaction Put(string key, string value, StoreLease? lease = null) =>
            transaction.Put(key, Encoding.UTF8.GetBytes(value), lease);
    }
}
