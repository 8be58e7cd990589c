//! The polynomial commitment: stock two-adic FRI, with extension and hashing of a commitment fused into one device job
//! per height.
//!
//! The proof is the stock scheme's, byte for byte. `commit` is the only call that is done differently: all matrices of
//! one height go to the device as one matrix (the sponge runs across them anyway), and extended rows and digests come
//! back. What the device cannot take, and every other call, is the stock scheme's on `DeviceDft` and `DeviceMmcs`.

use std::sync::Arc;

use p3_challenger::{CanObserve, FieldChallenger, GrindingChallenger};
use p3_commit::{
    CommitmentOpening, ExtensionMmcs, OpenedValues, OpeningRequest, Pcs, PeriodicLdeTable, UnivariateStarkPcs,
};
use p3_field::Field;
use p3_field::coset::TwoAdicMultiplicativeCoset;
use p3_fri::{FriParameters, FriProverError, TwoAdicFriPcs};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_symmetric::MerkleCap;
use thiserror::Error;

use crate::dft::DeviceDft;
use crate::field::{Challenge, Digest, Val};
use crate::mmcs::{DeviceMmcs, Known, Tree};
use crate::offload::{DeviceLost, Offload};
use crate::timeline::Phase;
use crate::tree::{Class, classes};

/// The stock scheme underneath.
type Stock = TwoAdicFriPcs<Val, DeviceDft, DeviceMmcs, ExtensionMmcs<Val, Challenge, DeviceMmcs>>;
type Domain = TwoAdicMultiplicativeCoset<Val>;
/// A commitment, and what openings are answered from.
type Committed = (MerkleCap<Val, Digest>, Tree<RowMajorMatrix<Val>>);

/// Why a commitment or an opening could not be made.
#[derive(Debug, Error)]
pub enum CommitError {
    /// The low-degree test cannot take a matrix of this height.
    #[error(transparent)]
    Fri(#[from] FriProverError),
    /// The device failed, and its use is required.
    #[error(transparent)]
    Device(#[from] DeviceLost),
    /// The cap would not bind a matrix this short.
    #[error(
        "matrices of heights {heights:?} (extended) cannot be committed under a cap of height {cap_height}: \
         each must be a power of two, at least as tall as the cap"
    )]
    Heights {
        /// Heights of the extended matrices.
        heights: Vec<usize>,
        /// log2 of the digests in the cap.
        cap_height: usize,
    },
}

/// Two-adic FRI over BabyBear on a device, on the CPU where the device cannot.
#[derive(Clone)]
pub struct DevicePcs {
    stock: Stock,
    dft: DeviceDft,
    mmcs: DeviceMmcs,
    log_blowup: usize,
    offload: Arc<Offload>,
}

impl DevicePcs {
    /// The scheme with these parameters; `mmcs` commits to traces and FRI layers alike.
    pub fn new(
        fri: FriParameters<ExtensionMmcs<Val, Challenge, DeviceMmcs>>,
        mmcs: DeviceMmcs,
        offload: Arc<Offload>,
    ) -> Self {
        let dft = DeviceDft::new(Arc::clone(&offload));
        let log_blowup = fri.log_blowup;
        Self { stock: Stock::new(dft.clone(), mmcs.clone(), fri), dft, mmcs, log_blowup, offload }
    }

    /// Extends and commits. The shift takes evaluations over x * H to evaluations over g * K (see the stock scheme).
    fn extend_and_commit(
        &self,
        evaluations: impl IntoIterator<Item = (Domain, RowMajorMatrix<Val>)>,
    ) -> Result<Committed, CommitError> {
        let (shifts, mut matrices): (Vec<Val>, Vec<_>) =
            evaluations.into_iter().map(|(domain, m)| (Val::GENERATOR / domain.shift(), m)).unzip();
        let heights: Vec<usize> = matrices.iter().map(|m| m.height() << self.log_blowup).collect();
        let mut known = Known::new();
        if self.offload.has_device() {
            for (i, class) in self.classes(&heights)?.iter().enumerate() {
                let Some(&shift) = class.members.first().and_then(|&m| shifts.get(m)) else { continue };
                if class.members.iter().any(|&m| shifts[m] != shift) {
                    continue; // one job has one shift; matrices on different cosets go one by one below
                }
                let levels = if i == 0 { class.levels } else { 0 };
                let members: Vec<&RowMajorMatrix<Val>> = class.members.iter().map(|&m| &matrices[m]).collect();
                if let Some((rows, digests)) = self.offload.commit(&members, self.log_blowup, shift, levels) {
                    class.members.iter().zip(rows).for_each(|(&m, rows)| matrices[m] = rows);
                    known.insert(class.height, digests);
                }
            }
        }
        let extended = matrices.into_iter().zip(shifts).zip(heights).map(|((m, shift), height)| {
            if known.contains_key(&height) { m } else { self.dft.extend(m, self.log_blowup, shift) }
        });
        let committed = self.commit_extended(extended.collect(), known);
        self.offload.check()?;
        committed
    }

    fn commit_extended(&self, extended: Vec<RowMajorMatrix<Val>>, known: Known) -> Result<Committed, CommitError> {
        self.classes(&extended.iter().map(|m| m.height()).collect::<Vec<_>>())?;
        let committed = self.mmcs.build(extended, known);
        self.offload.check()?;
        Ok(committed)
    }

    fn classes(&self, heights: &[usize]) -> Result<Vec<Class>, CommitError> {
        let cap_height = self.mmcs.cap_height();
        classes(heights, cap_height).ok_or_else(|| CommitError::Heights { heights: heights.to_vec(), cap_height })
    }
}

impl<C> Pcs<Challenge, C> for DevicePcs
where
    C: FieldChallenger<Val> + CanObserve<MerkleCap<Val, Digest>> + GrindingChallenger<Witness = Val>,
{
    type Domain = Domain;
    type Commitment = MerkleCap<Val, Digest>;
    type ProverData = Tree<RowMajorMatrix<Val>>;
    type Proof = <Stock as Pcs<Challenge, C>>::Proof;
    type Error = <Stock as Pcs<Challenge, C>>::Error;
    type ProverError = CommitError;

    fn natural_domain_for_degree(&self, degree: usize) -> Domain {
        <Stock as Pcs<Challenge, C>>::natural_domain_for_degree(&self.stock, degree)
    }

    fn commit(
        &self,
        evaluations: impl IntoIterator<Item = (Domain, RowMajorMatrix<Val>)>,
    ) -> Result<Committed, CommitError> {
        self.offload.enter_commit();
        let committed = self.extend_and_commit(evaluations);
        self.offload.leave_commit();
        committed
    }

    fn open(
        &self,
        requests: Vec<OpeningRequest<'_, Self::ProverData, Challenge>>,
        challenger: &mut C,
    ) -> Result<(OpenedValues<Challenge>, Self::Proof), CommitError> {
        self.offload.enter(Phase::Opening);
        let opened = self.stock.open(requests, challenger)?;
        self.offload.check()?;
        Ok(opened)
    }

    fn verify(
        &self,
        claims: Vec<CommitmentOpening<Challenge, Self::Commitment, Domain>>,
        proof: &Self::Proof,
        challenger: &mut C,
    ) -> Result<(), Self::Error> {
        self.stock.verify(claims, proof, challenger)
    }
}

impl<C> UnivariateStarkPcs<Challenge, C> for DevicePcs
where
    C: FieldChallenger<Val> + CanObserve<MerkleCap<Val, Digest>> + GrindingChallenger<Witness = Val>,
{
    type EvaluationsOnDomain<'a> = <Stock as UnivariateStarkPcs<Challenge, C>>::EvaluationsOnDomain<'a>;

    const ZK: bool = <Stock as UnivariateStarkPcs<Challenge, C>>::ZK;

    fn log_max_trace_height(&self) -> usize {
        <Stock as UnivariateStarkPcs<Challenge, C>>::log_max_trace_height(&self.stock)
    }

    fn log_min_trace_height(&self) -> usize {
        <Stock as UnivariateStarkPcs<Challenge, C>>::log_min_trace_height(&self.stock)
    }

    fn commit_preprocessing(
        &self,
        evaluations: impl IntoIterator<Item = (Domain, RowMajorMatrix<Val>)>,
    ) -> Result<Committed, CommitError> {
        self.offload.enter_preprocessing();
        self.extend_and_commit(evaluations)
    }

    fn get_quotient_ldes(
        &self,
        evaluations: impl IntoIterator<Item = (Domain, RowMajorMatrix<Val>)>,
        num_chunks: usize,
    ) -> Result<Vec<RowMajorMatrix<Val>>, CommitError> {
        let ldes =
            <Stock as UnivariateStarkPcs<Challenge, C>>::get_quotient_ldes(&self.stock, evaluations, num_chunks)?;
        self.offload.check()?;
        Ok(ldes)
    }

    fn commit_ldes(&self, ldes: Vec<RowMajorMatrix<Val>>) -> Result<Committed, CommitError> {
        self.offload.enter(Phase::QuotientCommit);
        self.commit_extended(ldes, Known::new())
    }

    fn get_evaluations_on_domain<'a>(
        &self,
        prover_data: &'a Self::ProverData,
        idx: usize,
        domain: Domain,
    ) -> Self::EvaluationsOnDomain<'a> {
        <Stock as UnivariateStarkPcs<Challenge, C>>::get_evaluations_on_domain(&self.stock, prover_data, idx, domain)
    }

    fn build_periodic_lde_table(
        &self,
        columns: &[Vec<Val>],
        trace_domain: Domain,
        quotient_domain: Domain,
    ) -> PeriodicLdeTable<Val> {
        <Stock as UnivariateStarkPcs<Challenge, C>>::build_periodic_lde_table(
            &self.stock,
            columns,
            trace_domain,
            quotient_domain,
        )
    }
}
